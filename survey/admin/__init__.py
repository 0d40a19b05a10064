"""The room of those who run waves: waves step by step, accounts, the audit log."""

from survey.admin import (
    accounts,
    api_tokens,
    audit_log,
    fieldwork,
    help_desk,
    keying,
    letter_files,
    mailings,
    participants,
    preparing,
    sampling_plans,
    text_screening,
    wave_settings,
    waves,
)
from survey.admin.room import blueprint

__all__ = [
    "accounts",
    "api_tokens",
    "audit_log",
    "blueprint",
    "fieldwork",
    "help_desk",
    "keying",
    "letter_files",
    "mailings",
    "participants",
    "preparing",
    "sampling_plans",
    "text_screening",
    "wave_settings",
    "waves",
]
