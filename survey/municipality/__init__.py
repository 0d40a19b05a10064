"""Where a municipality answers invitations to waves, and reads its own released results."""

from survey.municipality import charts, letter_sender, participation
from survey.municipality.views import blueprint

__all__ = ["blueprint", "charts", "letter_sender", "participation"]
