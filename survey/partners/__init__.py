"""Where region, local police and municipality share situation pictures, by role and level."""

from survey.partners import drafting, files, following, open_pictures, reading
from survey.partners.room import blueprint

__all__ = ["blueprint", "drafting", "files", "following", "open_pictures", "reading"]
