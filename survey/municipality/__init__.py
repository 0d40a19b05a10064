"""Where a municipality answers invitations to waves, and reads its own released results."""

from survey.municipality import district, letter_sender, participation
from survey.municipality.views import blueprint

__all__ = ["blueprint", "district", "letter_sender", "participation"]
