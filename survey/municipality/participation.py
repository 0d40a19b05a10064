"""A municipality answers an invitation and hands in what its yes needs; or an owner does it on its behalf."""

from datetime import UTC, datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.errors import Faults, UserError
from survey.municipality.handing_in import BASE, hand_in, show
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.preparation import (
    agreements,
    area_listings,
    border_files,
    extra_samples,
    local_questions,
    own_borders,
    participation,
    recuts,
    senders,
)
from survey.preparation.senders import Contact
from survey.receiving import accepts_files
from survey.submissions import field


@blueprint.get(f"{BASE}/")
@requires(Permission.ANSWER_INVITATIONS)
def invitation(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """The invitation, the answer to it, and what is still missing."""
    return show("invitation", municipality_code, wave_code)


@blueprint.post(f"{BASE}/svar")
@requires(Permission.ANSWER_INVITATIONS)
def answer_invitation(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    answer, reason = field("answer"), field("reason")

    def change(session: Any, by: str) -> None:
        if answer not in ("yes", "no"):
            raise Faults({"answer": "Välj ja eller nej."})
        participation.answer(session, wave_code, municipality_code, answer == "yes", reason, by)

    return hand_in("invitation", municipality_code, wave_code, change)


@blueprint.get(f"{BASE}/delomraden")
@requires(Permission.ANSWER_INVITATIONS)
def area_choice(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """The areas of today; keep them or hand in others."""
    return show("areas", municipality_code, wave_code)


@blueprint.post(f"{BASE}/delomraden")
@accepts_files(area_listings.LARGEST_LISTING)
@requires(Permission.ANSWER_INVITATIONS)
def choose_areas(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    choice, file = field("choice"), request.files.get("file")
    content = file.read() if file else b""

    def change(session: Any, by: str) -> None:
        if choice == "keep":
            recuts.keep_areas(session, wave_code, municipality_code, by)
        elif choice == "propose":
            text = area_listings.decode(content) if content else request.form.get("listing", "")
            recuts.propose(session, wave_code, municipality_code, text, by)
        else:
            raise Faults({"choice": "Välj om delområdena ska behållas eller ändras."})

    return hand_in("areas", municipality_code, wave_code, change)


@blueprint.post(f"{BASE}/delomraden/granser")
@accepts_files(border_files.LARGEST_UPLOAD)
@requires(Permission.ANSWER_INVITATIONS)
def hand_in_borders(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """Where the areas lie: of the proposal that waits, else of today's."""
    file = request.files.get("borders")
    content = file.read() if file else b""

    def change(session: Any, by: str) -> None:
        try:
            own_borders.set_borders(session, wave_code, municipality_code, content, by)
        except Faults:
            raise
        except UserError as error:
            raise Faults({"borders": str(error)}) from error

    return hand_in("areas", municipality_code, wave_code, change, "municipality.area_choice")


@blueprint.get(f"{BASE}/extra-urval")
@requires(Permission.ANSWER_INVITATIONS)
def extra_sample(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """How many more to ask in each area, and what it lets the municipality see."""
    return show("extra_sample", municipality_code, wave_code)


@blueprint.post(f"{BASE}/extra-urval")
@requires(Permission.ANSWER_INVITATIONS)
def order_extra(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    def change(session: Any, by: str) -> None:
        extra_samples.set_extra(session, wave_code, municipality_code, request.form, by)

    return hand_in("extra_sample", municipality_code, wave_code, change, "municipality.extra_sample")


@blueprint.get(f"{BASE}/egna-fragor")
@requires(Permission.ANSWER_INVITATIONS)
def own_questions(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    return show("own_questions", municipality_code, wave_code)


@blueprint.post(f"{BASE}/egna-fragor")
@requires(Permission.ANSWER_INVITATIONS)
def choose_own_questions(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    name = field("questions")

    def change(session: Any, by: str) -> None:
        local_questions.choose_local_questions(session, wave_code, municipality_code, name, by)

    return hand_in("own_questions", municipality_code, wave_code, change)


@blueprint.get(f"{BASE}/kontaktperson")
@requires(Permission.ANSWER_INVITATIONS)
def contact_person(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    return show("contact", municipality_code, wave_code)


@blueprint.post(f"{BASE}/kontaktperson")
@requires(Permission.ANSWER_INVITATIONS)
def set_contact_person(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    given = Contact(field("name"), field("email"), field("phone"))

    def change(session: Any, by: str) -> None:
        senders.set_contact(session, wave_code, municipality_code, given, by)

    return hand_in("contact", municipality_code, wave_code, change)


@blueprint.get(f"{BASE}/overenskommelse")
@requires(Permission.ANSWER_INVITATIONS)
def agreement(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """The agreement on joint responsibility, to read, confirm and print."""
    return show("agreement", municipality_code, wave_code)


@blueprint.post(f"{BASE}/overenskommelse")
@requires(Permission.ANSWER_INVITATIONS)
def confirm_agreement(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    read, name, position = field("version"), field("name"), field("position")

    def change(session: Any, by: str) -> None:
        now = datetime.now(UTC)
        agreements.confirm(session, wave_code, municipality_code, read, name, position, by, now)

    return hand_in("agreement", municipality_code, wave_code, change, "municipality.agreement")
