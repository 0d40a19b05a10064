"""Where staff come in: log in, choose a password the first time, log out."""

from survey.login import password, second_factor
from survey.login.views import blueprint

__all__ = ["blueprint", "password", "second_factor"]
