"""Where the region's analyst sees every municipality, the released tables and the questionnaires."""

from survey.analyst import questionnaires, releasing
from survey.analyst.views import blueprint

__all__ = ["blueprint", "questionnaires", "releasing"]
