"""The URLs of this room."""

from django.urls import URLPattern

app_name = "messages_app"
urlpatterns: list[URLPattern] = []
