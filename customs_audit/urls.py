"""The URLs of this room."""

from django.urls import path

from customs_audit import views

app_name = "customs_audit"
urlpatterns = [
    path("releases/", views.ReleaseList.as_view(), name="releases"),
    path("releases/<int:release_id>/", views.release, name="release"),
    path("runs/", views.RunList.as_view(), name="runs"),
]
