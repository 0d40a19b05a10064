"""What the pages of an invited municipality share: where it stands, a change made or told why it was not."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock, submissions
from survey.access import current_staff
from survey.database import reading
from survey.municipality.views import blueprint
from survey.preparation import (
    agreements,
    basic_areas,
    border_files,
    extra_samples,
    logos,
    participation,
    recuts,
    standings,
)
from survey.preparation.completeness import PART_WORDS
from survey.preparation.participation import NotInvited
from survey.preparation.plan_checks import plan_of
from survey.preparation.waves import find_wave
from survey.publication.drawings.border_maps import border_maps
from survey.publication.last_outcome import expected_of
from survey.readers import own_reader
from survey.submissions import Change

BASE = "/<code:municipality_code>/omgang/<code:wave_code>"


@blueprint.errorhandler(NotInvited)
def not_invited(_error: NotInvited) -> ResponseReturnValue:
    """Of a wave that the municipality is not invited to nothing is said."""
    return render_template("participation/not_invited.html"), 404


def hand_in(
    page: str,
    municipality_code: str,
    wave_code: str,
    change: Change,
    after: str = "municipality.invitation",
) -> ResponseReturnValue:
    """Make a change and go on; or show the page again with what was written and what to put right."""

    def change_own(session: Any, by: str) -> None:
        participation.find_participant(session, wave_code, municipality_code)
        change(session, by)

    return submissions.hand_in(
        change_own,
        lambda faults: show(page, municipality_code, wave_code, faults),
        url_for(after, municipality_code=municipality_code, wave_code=wave_code),
        (NotInvited,),
    )


def show(
    page: str, municipality_code: str, wave_code: str, faults: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    """A page of the municipality; with faults, what was written stays in the fields."""
    staff = current_staff()
    with reading() as session:
        standing = standings.find_standing(session, wave_code, municipality_code)
        more = PAGES[page](session, wave_code, municipality_code)
    answer = render_template(
        f"participation/{page}.html",
        standing=standing,
        code=municipality_code,
        own=bool(staff and staff.municipality_code == municipality_code),
        parts=PART_WORDS,
        answers=participation.ANSWER_WORDS,
        faults=faults or {},
        given=request.form,
        today=clock.today(),
        local=clock.local,
        synthetic=standing.wave.synthetic,
        **more,
    )
    return answer, 422 if faults else 200


def _nothing_more(_session: Any, _wave_code: str, _municipality_code: str) -> dict[str, Any]:
    return {}


def _areas(session: Any, wave_code: str, municipality_code: str) -> dict[str, Any]:
    return {
        "areas": recuts.current_areas(session, wave_code, municipality_code),
        "choices": recuts.CHOICE_WORDS,
        "maps": border_maps(session, wave_code, municipality_code),
        "largest_borders": border_files.LARGEST_UPLOAD,
        "plan": plan_of(session, find_wave(session, wave_code)),
        "drawable": basic_areas.any_of(session, municipality_code),
    }


def _extra(session: Any, wave_code: str, municipality_code: str) -> dict[str, Any]:
    expected = expected_of(session, wave_code, municipality_code, own_reader())
    return {
        "plan": plan_of(session, find_wave(session, wave_code)),
        "sizes": extra_samples.area_sizes(session, wave_code, municipality_code, expected),
        "steps": extra_samples.steps(session, wave_code, expected),
        "expected": expected,
        "share": extra_samples.PROPORTION,
    }


def _questions(session: Any, wave_code: str, _municipality_code: str) -> dict[str, Any]:
    return {"additions": standings.additions(session, wave_code)}


def _agreement(_session: Any, _wave_code: str, _municipality_code: str) -> dict[str, Any]:
    return {"current": agreements.current_agreement()}


def _logo(_session: Any, _wave_code: str, _municipality_code: str) -> dict[str, Any]:
    return {"largest_file": logos.LARGEST_FILE, "largest_side": logos.LARGEST_SIDE}


PAGES: dict[str, Callable[[Any, str, str], dict[str, Any]]] = {
    "invitation": _nothing_more,
    "areas": _areas,
    "extra_sample": _extra,
    "own_questions": _questions,
    "sender": _logo,
    "contact": _nothing_more,
    "agreement": _agreement,
}
