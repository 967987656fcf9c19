"""This room's tables in the administrators' site; Django looks for them here."""

from authorization import admin_cards, admin_changes, admin_enterprises, admin_users  # noqa: F401
