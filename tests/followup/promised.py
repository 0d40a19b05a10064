"""Nacka's results before and after promises, and the forms with which promises are made."""

import sys
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from survey.followup.promises.following import take_step
from survey.followup.promises.receipt import receipts
from survey.followup.promises.records import find_promise
from survey.followup.promises.writing import write_promise
from survey.models.promise import FocusArea, StepKind
from survey.publication.receipt import Receipt
from survey.publication.released import Released

sys.path.append(str(Path(__file__).parent.parent / "publication"))

import golden
from released_wave import open_to_all
from stored_release import store_release

NACKA, AREA = "0182", "0182-01"
BEFORE = datetime(2019, 3, 1, 12, tzinfo=UTC)  # the wave of 2018 is open, that of 2019 is not
AFTER = datetime(2020, 3, 1, 12, tzinfo=UTC)  # both are
OPENED = {"2018": datetime(2019, 2, 1, tzinfo=UTC), "2019": datetime(2020, 2, 1, tzinfo=UTC)}
NOTHING = dict.fromkeys(("focus_area", "cause", "reason", "accepted_because"), "")
EMPTY = NOTHING | {
    "language": "sv",
    "problem": "Många är otrygga ute på kvällen.",
    "owner": "Trygghetssamordnaren",
}
SURVEY = EMPTY | {
    "kind": "survey",
    "title": "Vi ska göra kvällarna tryggare.",
    "due": "2019-T3",
    "indicator": "unsafe_evening",
    "place": NACKA,
    "gender": "all",
    "age_group": "all",
    "target": "25",
    "measure_0_text": "Bättre belysning längs gångvägarna",
    "measure_0_responsible": "Gatukontoret",
    "measure_0_activities": "Inventera i april.\nByt lampor i juni.",
    "measure_0_due": "2019-T2",
}
SERIES = EMPTY | {
    "kind": "series",
    "title": "Färre anmälda skadegörelsebrott.",
    "due": "2019-T3",
    "series": "Anmälda skadegörelsebrott",
    "unit": "brott",
    "direction": "down",
    "baseline": "1 240",
    "baseline_source": "Brå, 2018",
    "target": "1100",
}
ACTIVITY = EMPTY | {
    "kind": "activity",
    "title": "Vi ska anställa två fältsekreterare.",
    "due": "2019-T2",
}
ROLES = {StepKind.SIGN_MUNICIPALITY: "municipality"}
BY, TODAY = "kommun@example.se", date(2019, 3, 1)


@cache
def results(code: str) -> Released:
    """Of 2018 with more worry than came after, or of 2019."""
    if code == "2018":
        more = {"p": lambda name: min(0.9, golden.level(name) * 1.35), "judge": None}
        return golden.release(areas=2, synthetic=True, current="2018", **more)  # type: ignore[arg-type]
    return golden.release(areas=2, synthetic=True)


def add_results(session: Session) -> None:
    """Both waves, each open to everybody from its day, and an area in which a promise is asked for."""
    for code, moment in OPENED.items():
        release_id = store_release(session, results(code), released_at=moment)
        open_to_all(session, release_id, moment)
    session.add(FocusArea(police_region="Region", name="Unga i riskzon"))
    session.flush()


def write(session: Session, form: dict[str, str], **more: str) -> int:
    return write_promise(session, NACKA, {**form, **more}, by=BY, now=BEFORE)


def step(session: Session, promise_id: int, kind: StepKind, reason: str = "") -> None:
    number = str(find_promise(session, NACKA, promise_id).newest.text.number)
    form = {"step": kind.value, "version": number, "name": "Bo Ek", "position": "Chef", "reason": reason}
    take_step(session, NACKA, promise_id, form, by=BY, now=BEFORE, role=ROLES.get(kind, "analyst"))


def sign(session: Session, promise_id: int) -> None:
    for kind in (StepKind.SIGN_MUNICIPALITY, StepKind.SIGN_POLICE):
        step(session, promise_id, kind)


def only(session: Session, audience: str = "municipality") -> Receipt:
    (found,) = receipts(session, NACKA, audience, AFTER)
    return found
