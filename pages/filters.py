"""The base of our filter sets, and the filters that several lists share."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from pages.forms import CodePrefixField, DateSpan, DateSpanField, KeywordField, QueryForm


class PortalFilterSet(django_filters.FilterSet):
    """A filter set whose form is a QueryForm, whether or not its Meta says so."""

    def get_form_class(self) -> type[forms.Form]:
        """Build the form of all filters on our own base."""
        fields = {name: filter_.field for name, filter_ in self.filters.items()}
        return type(f"{type(self).__name__}Form", (QueryForm,), fields)


class DateSpanFilter(django_filters.Filter):
    """From-to on a date column, both days included."""

    field_class = DateSpanField

    def filter(self, qs: "QuerySet[Any]", value: DateSpan | None) -> "QuerySet[Any]":
        """Narrow by one or both ends."""
        start, end = value or (None, None)
        if start:
            qs = qs.filter(**{f"{self.field_name}__gte": start})
        if end:
            qs = qs.filter(**{f"{self.field_name}__lte": end})
        return qs


class CodePrefixFilter(django_filters.Filter):
    """The first digits of a code column."""

    field_class = CodePrefixField

    def filter(self, qs: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        """Narrow to codes that begin with the value."""
        return qs.filter(**{f"{self.field_name}__startswith": value}) if value else qs


class KeywordFilter(django_filters.Filter):
    """Words to search for; give it `method=` to say where, the default is one column."""

    field_class = KeywordField

    def filter(self, qs: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        """Narrow to rows whose column holds each word."""
        for word in value.split():
            qs = qs.filter(**{f"{self.field_name}__icontains": word})
        return qs
