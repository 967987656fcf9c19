"""The URLs of this room."""

from django.urls import path

from messages_app import views

app_name = "messages_app"
urlpatterns = [
    path("", views.MessageList.as_view(), name="list"),
    path("read/", views.mark_read, name="mark_read"),
    path("<int:message_id>/", views.detail, name="detail"),
]
