"""What a query asks for, in the words of its form: for the ledger."""

from typing import Any

from django import forms

_SPAN_WORDS = "至"


def in_words(form: forms.Form | None) -> list[tuple[str, str]]:
    """Return each condition that a valid form asks for as (label, value), in the form's order."""
    if form is None or not form.is_bound:
        return []
    found = []
    for bound in form:
        value = form.cleaned_data.get(bound.name)
        words = "" if value in (None, "", []) else _words(bound, value)
        if words:
            found.append((str(bound.label), words))
    return found


def _words(bound: forms.BoundField, value: Any) -> str:
    field = bound.field
    if isinstance(field, forms.MultiValueField):
        parts = [str(part or "") for part in bound.value() or []]
        return f" {_SPAN_WORDS} ".join(parts).strip()
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in _flat(field.choices)}
        values = value if isinstance(value, list | tuple) else [value]
        return "、".join(labels.get(str(one), str(one)) for one in values)
    return str(value)


def _flat(choices: Any) -> "list[tuple[Any, Any]]":
    """Return choices without their groups."""
    pairs: list[tuple[Any, Any]] = []
    for key, label in choices:
        pairs += list(label) if isinstance(label, list | tuple) else [(key, label)]
    return pairs
