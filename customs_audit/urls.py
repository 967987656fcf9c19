"""The URLs of this room."""

from django.urls import URLPattern

app_name = "customs_audit"
urlpatterns: list[URLPattern] = []
