"""Invented promises of a few municipalities: some that the next wave has judged, some that go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil

from sqlalchemy.orm import Session

from survey.clock import now, today
from survey.demo.stage import BY, Stage
from survey.errors import Faults
from survey.followup.promises import following, writing
from survey.followup.promises.assessment import detectability
from survey.followup.promises.focus_areas import add_focus_area, list_focus_areas
from survey.followup.promises.tertials import Tertial, coming, tertial_of
from survey.followup.promises.wording import doubts
from survey.models.promise import GoalKind, NoteStatus, StepKind
from survey.preparation.geography import find_municipality

MUNICIPALITIES = ("0187", "0180")
FOCUS_AREAS = (
    "Färre utsatta områden",
    "Unga i riskzon",
    "Vägar ut ur kriminalitet",
    "Särskilt utsatta brottsoffer",
)
INVENTED = "påhittat löfte"
NOBODY = {"name": "Påhittad Person", "position": "Påhittad befattning"}
ROLES = {
    StepKind.SIGN_MUNICIPALITY: "municipality",
    StepKind.SIGN_POLICE: "analyst",
    StepKind.PUBLISH: "analyst",
}


@dataclass(frozen=True)
class Invented:
    """A promise on a measure, and what is to be done."""

    indicator: str
    title: str
    problem: str
    measure: str
    responsible: str


EVENINGS = Invented(
    "unsafe_evening",
    "Vi ska göra det tryggare att gå ute på kvällen",
    "Många känner sig otrygga ute sent på kvällen.",
    "Bättre belysning längs gångvägarna till stationen",
    "Gatukontoret",
)
TRUST = Invented(
    "police_trust",
    "Polisen ska synas mer där invånarna är",
    "Få säger att de har stort förtroende för polisen i området.",
    "Polisen finns på torget varje torsdag",
    "Lokalpolisområdet",
)
BURGLARY = Invented(
    "worry_burglary",
    "Vi ska hjälpa fler att skydda hemmet mot inbrott",
    "Många oroar sig ofta för inbrott.",
    "Grannsamverkan erbjuds i alla delområden",
    "Kommunpolisen",
)


def promise_before(stage: Stage, judged_by: date) -> None:
    """On the newest result there is now; a wave that begins on a day is to judge them."""
    due = tertial_of(judged_by)
    with stage.databases.transaction() as session:
        codes = _codes(stage)
        for region in sorted({find_municipality(session, code).police_region for code in codes}):
            for name in FOCUS_AREAS:
                add_focus_area(session, region, name, by=BY)
        for code in codes:
            for invented in (EVENINGS, TRUST):
                number = _write(session, code, _on_measure(session, code, invented, due))
                _note(session, code, number, due.before, NoteStatus.ON_PLAN)
            number = _write(session, code, _on_activity(session, code, due))
            done = {
                "on_day": due.first_day.isoformat(),
                "done": "yes",
                "source": "Socialtjänsten (påhittat)",
            }
            following.note_result(session, code, number, done, by=BY, now=now(), today=today())


def promise_next(stage: Stage) -> None:
    """On the newest result: these go on, and one waits for the police."""
    due = coming(today(), 4)[-1]
    with stage.databases.transaction() as session:
        for code in _codes(stage):
            form = _on_measure(session, code, BURGLARY, due)
            _write(session, code, form)
            _write(
                session,
                code,
                form | {"title": f"Alla delområden ska få grannsamverkan ({INVENTED})"},
                signed=False,
            )


def _codes(stage: Stage) -> list[str]:
    there = {municipality.code for municipality in stage.plan.municipalities}
    return [code for code in MUNICIPALITIES if code in there]


def _on_measure(session: Session, code: str, invented: Invented, due: Tertial) -> dict[str, str]:
    """A promise whose target the next wave is likely to see; an activity where no share is shown."""
    form = _form(session, code, invented, due)
    goal = {"kind": GoalKind.SURVEY.value, "indicator": invented.indicator, "place": code}
    followed = writing.choose_followed(session, code, goal)
    try:
        baseline = writing.read_baseline(session, code, followed, "", now())
    except Faults:
        return form
    seen = detectability(baseline, None, followed.direction)
    start = baseline.figure.value
    if seen is None or start is None:
        return form
    way = ceil(seen.smallest) * (1 if followed.direction == "up" else -1)
    target = start + way
    if not 0 <= target <= 100:
        return form
    aimed = detectability(baseline, target, followed.direction)
    if aimed is None or doubts(aimed):
        return form
    return form | goal | {"gender": "all", "age_group": "all", "target": str(target)}


def _on_activity(session: Session, code: str, due: Tertial) -> dict[str, str]:
    hired = Invented(
        "",
        "Vi ska anställa två fältsekreterare",
        "Unga som rör sig ute på helgerna möter få vuxna.",
        "Anställa och utbilda",
        "Socialförvaltningen",
    )
    return _form(session, code, hired, due)


def _form(session: Session, code: str, invented: Invented, due: Tertial) -> dict[str, str]:
    region = find_municipality(session, code).police_region
    focus = list_focus_areas(session, region)[1 if invented.indicator == "" else 0]
    return {
        "kind": GoalKind.ACTIVITY.value,
        "title": f"{invented.title} ({INVENTED})",
        "problem": invented.problem,
        "language": "sv",
        "owner": "Trygghetssamordnaren",
        "due": due.code,
        "focus_area": str(focus.id),
        "measure_0_text": invented.measure,
        "measure_0_responsible": invented.responsible,
        "measure_0_due": due.code,
    }


def _write(session: Session, code: str, form: Mapping[str, str], *, signed: bool = True) -> int:
    number = writing.write_promise(session, code, form, by=BY, now=now())
    for kind, role in ROLES.items() if signed else [(StepKind.SIGN_MUNICIPALITY, "municipality")]:
        step = NOBODY | {"step": kind.value, "version": "1"}
        following.take_step(session, code, number, step, by=BY, now=now(), role=role)
    return number


def _note(session: Session, code: str, number: int, tertial: Tertial, status: NoteStatus) -> None:
    form = {
        "tertial": tertial.code,
        "status": status.value,
        "text": "Planen är följd (påhittat).",
    }
    following.write_note(session, code, number, form, by=BY, now=now(), today=today())
