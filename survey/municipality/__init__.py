"""Where a municipality answers invitations to waves, and reads its own released results."""

from survey.municipality import district, letter_sender, participation, report_page
from survey.municipality.views import blueprint

__all__ = ["blueprint", "district", "letter_sender", "participation", "report_page"]
