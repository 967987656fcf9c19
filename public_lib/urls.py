"""The URLs of this room."""

from django.urls import path

from public_lib import views

app_name = "public_lib"
urlpatterns = [
    path("", views.PublicList.as_view(), name="list"),
    path("elements/", views.open_elements, name="open"),
    path("<int:content_id>/elements/", views.elements, name="elements"),
]
