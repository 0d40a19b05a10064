"""Which passwords will do: long enough, and not among the first that somebody would guess."""

import re

from zxcvbn import zxcvbn

from survey.errors import UserError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200  # long enough for any pass phrase; more would only keep the server busy
PASSWORD_RULE = f"Lösenordet måste ha minst {SHORTEST_PASSWORD} och högst {LONGEST_PASSWORD} tecken."
EASY = "Lösenordet är lätt att gissa. Välj en egen mening, eller flera ord som inte hör ihop."
HARD_ENOUGH = 3  # of 0 to 4: at least a hundred million guesses
_JUDGED = 72  # characters; what comes after only makes the judgement slow
_OUR_WORDS = ("trygghet", "trygghetsmätning", "mätning", "lösenord", "kommun", "polisen", "region")


def require_hard_to_guess(password: str, email: str) -> None:
    """Stop a password that is too short, common, a pattern, or made of the holder's and our own words."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise UserError(PASSWORD_RULE)
    own = [email.split("@")[0], *(word for word in re.split(r"[^\w]+", email) if len(word) > 2)]
    if zxcvbn(password[:_JUDGED], [*own, *_OUR_WORDS])["score"] < HARD_ENOUGH:
        raise UserError(EASY)
