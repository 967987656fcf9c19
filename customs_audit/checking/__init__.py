"""Checking audited uploads: reading them, the rules, what an edit changes, what can be repaired.

What other parts of the customs side call; docs/decisions/checking-uploads.md says why it is so.
"""

from customs_audit.checking.judging import checked, row_context, sentence_of
from customs_audit.checking.levels import apply_levels
from customs_audit.checking.rechecking import recheck
from customs_audit.checking.states import refresh_state
from customs_audit.checking.working import check_upload

__all__ = [
    "apply_levels",
    "check_upload",
    "checked",
    "recheck",
    "refresh_state",
    "row_context",
    "sentence_of",
]
