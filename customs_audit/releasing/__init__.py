"""Releases of uploads: submitted, looked at beforehand, released by a second officer, taken back."""

from customs_audit.releasing.preparing import CannotRelease, approve, give_back, prepare
from customs_audit.releasing.previewing import run_preview, run_withdrawal_preview
from customs_audit.releasing.running import run_release
from customs_audit.releasing.summaries import summary
from customs_audit.releasing.withdrawing import ask_for_withdrawal, run_withdrawal

__all__ = [
    "CannotRelease",
    "approve",
    "ask_for_withdrawal",
    "give_back",
    "prepare",
    "run_preview",
    "run_release",
    "run_withdrawal",
    "run_withdrawal_preview",
    "summary",
]
