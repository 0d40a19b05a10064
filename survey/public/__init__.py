"""Where everybody reads, without login: results after the public embargo, and articles on the survey."""

from survey.public import approved_tables, articles, views
from survey.public.room import blueprint

__all__ = ["approved_tables", "articles", "blueprint", "views"]
