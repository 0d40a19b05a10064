"""Where the region's analyst sees every municipality, the released tables and the questionnaires."""

from survey.analyst import events, questionnaires, releasing, report_notes, sources
from survey.analyst.views import blueprint

__all__ = ["blueprint", "events", "questionnaires", "releasing", "report_notes", "sources"]
