"""The URLs of this room."""

from django.urls import URLPattern

app_name = "public_lib"
urlpatterns: list[URLPattern] = []
