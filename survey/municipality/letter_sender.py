"""How the letter names a municipality: its name, ways to reach it, its logo."""

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from survey.access import requires
from survey.database import reading
from survey.errors import Faults, UserError
from survey.municipality.handing_in import BASE, hand_in, show
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.preparation import logos, senders
from survey.preparation.senders import Sender
from survey.receiving import accepts_files
from survey.submissions import field


@blueprint.get(f"{BASE}/avsandare")
@requires(Permission.ANSWER_INVITATIONS)
def sender(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """How the letter names the municipality, with its logo."""
    return show("sender", municipality_code, wave_code)


@blueprint.post(f"{BASE}/avsandare")
@requires(Permission.ANSWER_INVITATIONS)
def set_sender(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    given = Sender(field("name"), field("address"), field("phone"), field("email"))

    def change(session: Any, by: str) -> None:
        senders.set_sender(session, wave_code, municipality_code, given, by)

    return hand_in("sender", municipality_code, wave_code, change)


@blueprint.get(f"{BASE}/logotyp")
@requires(Permission.ANSWER_INVITATIONS)
def logo(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    with reading() as session:
        found = logos.find_logo(session, wave_code, municipality_code)
    if found is None:
        abort(404)
    return Response(found.content, mimetype=found.mime_type)


@blueprint.post(f"{BASE}/logotyp")
@accepts_files(logos.LARGEST_FILE)
@requires(Permission.ANSWER_INVITATIONS)
def set_logo(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    file = request.files.get("logo")
    content = file.read() if file else b""

    def change(session: Any, by: str) -> None:
        try:
            logos.set_logo(session, wave_code, municipality_code, content, by)
        except UserError as error:
            raise Faults({"logo": str(error)}) from error

    return hand_in("sender", municipality_code, wave_code, change, "municipality.sender")


@blueprint.post(f"{BASE}/logotyp/ta-bort")
@requires(Permission.ANSWER_INVITATIONS)
def remove_logo(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    def change(session: Any, by: str) -> None:
        logos.remove_logo(session, wave_code, municipality_code, by)

    return hand_in("sender", municipality_code, wave_code, change, "municipality.sender")
