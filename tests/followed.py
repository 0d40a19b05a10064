"""What stands beside a released wave: tables, promises, events, series and pictures, one for each reader."""

from datetime import UTC, date, datetime

from pictured import DISTRICT, add_levels
from released_wave import NACKA, VAXHOLM, WAVE
from sqlalchemy.orm import Session

from survey.followup.events import EventText, write_event
from survey.followup.pictures import stored
from survey.followup.pictures.composing import compose
from survey.followup.pictures.content import Text
from survey.followup.places import Level, place
from survey.models.promise import Promise, PromiseMeasure, PromiseNote, PromiseStep, PromiseVersion
from survey.models.requested_table import RequestedFigure, RequestedTable
from survey.models.situation_picture import SituationPicture
from survey.models.source import Series, SeriesValue, SourceFile
from survey.models.table_request import TableRequest
from survey.publication.embargo import SERVICE

AT = datetime(2020, 3, 1, 12, tzinfo=UTC)
AUDIENCES = ("public", "municipality", "police")
SIGNED = ("sign_municipality", "sign_police")
WORDS = '{"variables": {"housing": "Bostad"}, "categories": {"housing": {"all": "Alla", "flat": "Lägenhet"}}}'


def add_followed(session: Session, release_id: int) -> None:
    """The levels, then something for every audience; what nobody may read says so in its text."""
    add_levels(session)
    for audience in ("region", "municipality", "public"):
        add_table(session, release_id, audience, None)
    add_table(session, release_id, "municipality", NACKA)
    add_table(session, release_id, "public", None, state="refused")
    for code in (NACKA, VAXHOLM):
        add_promise(session, code, "published", (*SIGNED, "publish"))
        add_promise(session, code, "signed", SIGNED)
        add_promise(session, code, "secret draft", ())
        add_promise(session, code, "secret withdrawn", (*SIGNED, "publish", "withdraw"))
        add_events(session, Level.MUNICIPALITY, code)
        add_picture(session, Level.MUNICIPALITY, code, release_id)
    add_events(session, Level.DISTRICT, DISTRICT)
    add_picture(session, Level.DISTRICT, DISTRICT, release_id)
    session.add(SituationPicture(level="municipality", code=NACKA, wave_code=WAVE, begun_by="t", begun_at=AT))
    add_series(session)
    session.flush()


def add_table(
    session: Session,
    release_id: int,
    audience: str,
    municipality: str | None,
    state: str = "approved",
    places: tuple[str, ...] = (),
    limited_to: str = "",
) -> int:
    """An asked table with a row for all and one that is hidden, or one a place; released when approved."""
    asked = {"wave_code": WAVE, "release_id": release_id, "kind": "table"}
    request = TableRequest(
        **asked, question="{}", purpose="secret", state="computed", asked_by="a", asked_at=AT
    )
    request.result = '{"secret": 1}'
    session.add(request)
    session.flush()
    if state == "approved":
        by = "municipality" if places else "housing"
        about = {"item": "unsafe_evening", "divided_by": by, "limited_to": limited_to, "words": WORDS}
        where = {"municipality_code": municipality, "title": f"for {audience} {municipality or ''}".strip()}
        session.add(
            RequestedTable(
                **asked, **about, **where, request_id=request.id, audience=audience, approved_at=AT
            )
        )
        row = {"request_id": request.id, "other_category": "", "statistic": "proportion"}
        figures = {"n": 812, "estimate": 0.23456, "lower": 0.205, "upper": 0.265}
        session.add(RequestedFigure(**row, **figures, category="all", released=True, reason=""))
        if not places:
            session.add(RequestedFigure(**row, category="flat", released=False, reason="few_answers"))
        session.add_all(
            RequestedFigure(**row, **figures, category=code, released=True, reason="") for code in places
        )
    session.flush()
    request.state, request.decided_by, request.decided_at = state, "b", AT
    session.flush()
    return request.id


def add_regression(session: Session, release_id: int, audience: str, places: tuple[str, ...]) -> int:
    """An approved regression on municipalities, all of them compared with the first."""
    asked = {"wave_code": WAVE, "release_id": release_id, "kind": "regression"}
    request = TableRequest(**asked, question="{}", purpose="-", state="computed", asked_by="a", asked_at=AT)
    session.add(request)
    session.flush()
    about = {"item": "unsafe_evening", "divided_by": "municipality", "limited_to": "", "words": "{}"}
    about |= {"audience": audience, "title": "Regression", "approved_at": AT}
    session.add(RequestedTable(**asked, **about, request_id=request.id))
    row = {"request_id": request.id, "statistic": "odds_ratio_alone", "released": True, "reason": ""}
    for code in places:
        other = {"estimate": 1.24, "lower": 1.02, "upper": 1.51, "p": 0.03, "other_category": ""}
        figures = {"other_category": "reference"} if code == places[0] else other
        session.add(RequestedFigure(**row, **figures, category=f"municipality={code}", n=812))
    session.flush()
    request.state, request.decided_by, request.decided_at = "approved", "b", AT
    session.flush()
    return request.id


def add_promise(session: Session, code: str, title: str, steps: tuple[str, ...]) -> None:
    promise = Promise(municipality_code=code, created_by="tests", created_at=AT)
    session.add(promise)
    session.flush()
    empty = ("reason", "cause", "indicator", "geography", "code", "gender", "age_group", "series", "unit")
    version = PromiseVersion(
        promise_id=promise.id,
        number=1,
        written_by="tests",
        written_at=AT,
        title=f"{title} {code}",
        language="sv",
        problem="Problem",
        owner="Kommunen",
        due="2020-T2",
        kind="activity",
        **dict.fromkeys((*empty, "direction", "baseline_wave", "baseline_source", "accepted_because"), ""),
    )
    session.add(version)
    session.flush()
    about = {"responsible": "Gatukontoret", "activities": "", "due": "2020-T1"}
    session.add(PromiseMeasure(version_id=version.id, position=1, text=f"{title} measure", **about))
    signer = {"name": "Bo", "position": "Chef", "reason": "", "taken_by": "tests", "taken_at": AT}
    session.add_all(PromiseStep(version_id=version.id, kind=kind, **signer) for kind in steps)
    if steps:
        note = {"tertial": "2020-T1", "status": "on_plan", "written_by": "tests", "written_at": AT}
        session.add(PromiseNote(promise_id=promise.id, text=f"note {code}", **note))
    session.flush()


def add_events(session: Session, level: Level, code: str) -> None:
    here = place(session, level, code, AT.date())
    for audience in AUDIENCES:
        text = EventText(date(2019, 9, 1), None, "police", f"{code} for {audience}", "Polisen", audience)
        write_event(session, here, text, "tests", AT)


def add_picture(session: Session, level: Level, code: str, release_id: int) -> None:
    here = place(session, level, code, AT.date())
    texts = [Text("analysis", "Analys", f"{code} for {one}", one, "2020-03-01") for one in AUDIENCES]
    picture = compose(session, here, WAVE, SERVICE, AT.date(), texts)
    session.add(
        SituationPicture(
            level=level.value,
            code=code,
            wave_code=WAVE,
            begun_by="tests",
            begun_at=AT,
            signed_at=AT,
            content=stored.as_json(picture).decode(),
            fingerprint="f",
        )
    )
    session.flush()


def add_series(session: Session) -> None:
    """A series for each audience, with a value in each municipality and in the district."""
    file = SourceFile(
        kind="series", subject="s", file_name="s.csv", sha256="0" * 64, content=b"x", settings="{}",
        received_at=AT, received_by="tests", accepted_at=AT,
    )  # fmt: skip
    session.add(file)
    for audience in AUDIENCES:
        about = {"source": "Polisen", "limits": "Bara larm.", "unit": "st", "period_kind": "month"}
        session.add(
            Series(
                code=audience, title=audience, audience=audience, synthetic=True, read_on=AT.date(), **about
            )
        )
    session.flush()
    session.add_all(
        SeriesValue(
            series_code=one, level=level, code=code, period="2019-12", value=7.5, note="", file_id=file.id
        )
        for one in AUDIENCES
        for level, code in (("municipality", NACKA), ("municipality", VAXHOLM), ("district", DISTRICT))
    )
