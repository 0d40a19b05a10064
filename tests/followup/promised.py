"""Nacka's results before and after promises, and the forms with which promises are made."""

import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from survey.models.promise import FocusArea
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
