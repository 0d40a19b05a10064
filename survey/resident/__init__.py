"""Where residents answer: from the code in the letter to the receipt."""

from survey.resident import entrance, open_entrance, views, withdrawing
from survey.resident.door import blueprint

__all__ = ["blueprint", "entrance", "open_entrance", "views", "withdrawing"]
