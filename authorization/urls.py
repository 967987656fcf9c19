"""URLs of authorizing with the card."""

from django.urls import path

from authorization import views

app_name = "authorization"
urlpatterns = [
    path("", views.card, name="card"),
    path("revoke/", views.revoke, name="revoke"),
    path("challenge/", views.challenge, name="challenge"),
    path("accept/", views.accept_signature, name="accept"),
]
