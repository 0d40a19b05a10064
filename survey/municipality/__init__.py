"""Where a municipality reads its own released results."""

from survey.municipality.views import blueprint

__all__ = ["blueprint"]
