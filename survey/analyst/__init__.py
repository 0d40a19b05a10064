"""Where the region's analyst sees every municipality, the released tables and the questionnaires."""

from survey.analyst import bench, promises, questionnaires, releasing, report_notes, table_requests
from survey.analyst.views import blueprint

__all__ = [
    "bench",
    "blueprint",
    "promises",
    "questionnaires",
    "releasing",
    "report_notes",
    "table_requests",
]
