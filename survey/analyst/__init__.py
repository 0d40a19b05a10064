"""Where the region's analyst sees every municipality, the released tables and the questionnaires."""

from survey.analyst import (
    bench,
    draft_report,
    events,
    promises,
    questionnaires,
    releasing,
    report_notes,
    sources,
    table_requests,
)
from survey.analyst.views import blueprint

__all__ = [
    "bench",
    "blueprint",
    "draft_report",
    "events",
    "promises",
    "questionnaires",
    "releasing",
    "report_notes",
    "sources",
    "table_requests",
]
