"""Where the region's analyst sees every municipality and takes out the released tables."""

from survey.analyst.views import blueprint

__all__ = ["blueprint"]
