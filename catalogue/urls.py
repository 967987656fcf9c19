"""The URLs of this room."""

from django.urls import path, register_converter

from catalogue import change_views, views


class Digits:
    """Digits of a code as anything may name it: the view knows which page they belong to."""

    regex = "[0-9]{1,13}"

    def to_python(self, value: str) -> str:
        """Return the digits as they are."""
        return value

    def to_url(self, value: str) -> str:
        """Return the digits as they are."""
        return value


class EditionKey(Digits):
    """An edition's key (catalogue.browsing.edition_key)."""

    regex = "[0-9]{4}(?:-[0-9]{1,4})?"

    def to_url(self, value: str) -> str:
        """Write a year or a key."""
        return str(value)


register_converter(Digits, "digits")
register_converter(EditionKey, "edition")

app_name = "catalogue"
urlpatterns = [
    path("", views.index, name="index"),
    path("search/", views.CatalogueSearch.as_view(), name="search"),
    path("chapters/<digits:digits>/", views.chapter, name="chapter"),
    path("headings/<digits:digits>/", views.heading, name="heading"),
    path("codes/<digits:digits>/", views.code, name="code"),
    path("changes/", change_views.choose_editions, name="choose_editions"),
    path(
        "changes/<edition:old>/<edition:new>/",
        change_views.EditionChanges.as_view(),
        name="changes",
    ),
]
