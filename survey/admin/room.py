"""What the pages of the room share: its blueprint, and who acts."""

from flask import Blueprint

from survey.access import current_staff
from survey.errors import UserError

blueprint = Blueprint("admin", __name__, url_prefix="/drift")


def own_email() -> str:
    """Who acts, for the audit log; the door has seen to it that somebody is logged in."""
    staff = current_staff()
    if staff is None:
        raise UserError("Logga in för att fortsätta.")
    return staff.email
