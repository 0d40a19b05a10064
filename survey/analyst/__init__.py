"""Where the region's analyst sees every municipality, the released tables and the questionnaires."""

from survey.analyst import promises, questionnaires, releasing, report_notes
from survey.analyst.views import blueprint

__all__ = ["blueprint", "promises", "questionnaires", "releasing", "report_notes"]
