"""Where everybody reads, without login: results after the public embargo, and articles on the survey."""

from survey.public import articles, views
from survey.public.room import blueprint

__all__ = ["articles", "blueprint", "views"]
