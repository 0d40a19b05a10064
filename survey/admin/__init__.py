"""The room of those who run waves: waves, accounts, the audit log."""

from survey.admin.views import blueprint

__all__ = ["blueprint"]
