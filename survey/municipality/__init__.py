"""Where a municipality answers invitations to waves, and reads its own released results."""

from survey.municipality import (
    approved_tables,
    charts,
    district,
    drawing_areas,
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
    "drawing_areas",
    "letter_sender",
    "own_words",
    "participation",
    "promise_steps",
    "promises",
    "report_page",
    "sources",
]
