"""What somebody wrote in a form that could not be received: shown to them again, kept nowhere."""

from collections.abc import Iterable

from flask import render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from survey.translation import STAFF_ROOMS

SHORTEST = 20  # what is shorter is written again in no time
OTHER_LOGIN = "Du har loggat in på nytt sedan sidan öppnades. Öppna sidan igen och klistra in det du skrev."
LOGGED_OUT = "Du har loggats ut för att sidan inte har använts på en stund."


def written_texts() -> list[str]:
    """The texts of a form of a staff page; of one that another site sent nothing is shown.

    A resident's answers are never shown again: the next at the screen may be somebody else.
    """
    of_ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if request.method != "POST" or request.blueprint not in STAFF_ROOMS or not of_ours:
        return []
    try:
        sent = request.form
    except RequestEntityTooLarge:
        return []  # a file, sent after the login had ended: there was no room for it yet
    return [
        value.strip()
        for name, value in sent.items()
        if len(value.strip()) >= SHORTEST and " " in value.strip() and "password" not in name
    ]


def page(message: str, texts: Iterable[str], log_in: str) -> str:
    """The texts to copy, and why they were not received."""
    return render_template(
        "login/unsaved.html", message=message, texts=[("", text) for text in texts], log_in=log_in
    )
