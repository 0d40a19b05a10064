"""Where a municipality answers invitations to waves, and reads its own released results."""

from survey.municipality import (
    approved_tables,
    charts,
    district,
    letter_sender,
    own_words,
    participation,
    promise_steps,
    promises,
    report_page,
    sources,
)
from survey.municipality.views import blueprint

__all__ = [
    "approved_tables",
    "blueprint",
    "charts",
    "district",
    "letter_sender",
    "own_words",
    "participation",
    "promise_steps",
    "promises",
    "report_page",
    "sources",
]
