"""This room's tables in the administrators' site; Django looks for them here."""

from authorization import (  # noqa: F401
    admin_cards,
    admin_changes,
    admin_enterprises,
    admin_ledger,
    admin_users,
)
