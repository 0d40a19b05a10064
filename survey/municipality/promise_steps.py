"""What is done with a promise that is written: signed, published, noted, withdrawn."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import current_staff, requires
from survey.followup.promises import following
from survey.followup.promises.records import NoSuchPromise
from survey.municipality.promises import ONE, show_promise
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.submissions import Change, fields, hand_in


@blueprint.post(f"{ONE}/steg")
@requires(Permission.WRITE_PROMISES)
def take_promise_step(municipality_code: str, promise_id: int) -> ResponseReturnValue:
    """Sign, publish or withdraw the version that was read."""
    staff = current_staff()
    role = staff.role if staff else ""

    def change(session: Any, by: str) -> None:
        following.take_step(
            session, municipality_code, promise_id, fields(), by=by, now=clock.now(), role=role
        )

    return _hand_in(municipality_code, promise_id, change)


@blueprint.post(f"{ONE}/anteckning")
@requires(Permission.WRITE_PROMISES)
def note_on_promise(municipality_code: str, promise_id: int) -> ResponseReturnValue:
    """How the work went in a tertial."""

    def change(session: Any, by: str) -> None:
        following.write_note(
            session, municipality_code, promise_id, fields(), by=by, now=clock.now(), today=clock.today()
        )

    return _hand_in(municipality_code, promise_id, change)


@blueprint.post(f"{ONE}/utfall")
@requires(Permission.WRITE_PROMISES)
def note_promise_result(municipality_code: str, promise_id: int) -> ResponseReturnValue:
    """A figure of another source, or whether it is done."""

    def change(session: Any, by: str) -> None:
        following.note_result(
            session, municipality_code, promise_id, fields(), by=by, now=clock.now(), today=clock.today()
        )

    return _hand_in(municipality_code, promise_id, change)


def _hand_in(municipality_code: str, promise_id: int, change: Change) -> ResponseReturnValue:
    return hand_in(
        change,
        lambda faults: show_promise(municipality_code, promise_id, faults),
        url_for(".promise", municipality_code=municipality_code, promise_id=promise_id),
        (NoSuchPromise,),
    )
