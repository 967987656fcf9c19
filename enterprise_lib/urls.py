"""The URLs of this room."""

from django.urls import URLPattern

app_name = "enterprise_lib"
urlpatterns: list[URLPattern] = []
