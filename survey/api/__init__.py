"""What other systems read: released figures under /api/v1, described by README.md and openapi.json."""

from survey.api import views
from survey.api.room import blueprint

__all__ = ["blueprint", "views"]
