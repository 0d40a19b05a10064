"""Where residents answer: from the code in the letter to the receipt."""

from survey.resident import entrance, views
from survey.resident.door import blueprint

__all__ = ["blueprint", "entrance", "views"]
