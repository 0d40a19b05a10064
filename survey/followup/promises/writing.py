"""Writes a promise: each time a new version, nothing overwritten; its baseline is read, never typed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.keys import MUNICIPALITY
from survey import audit
from survey.errors import Conflict, Faults, UserError
from survey.followup.promises import wording
from survey.followup.promises.assessment import detectability, followed_of, today_of
from survey.followup.promises.draft import Draft, number_text, read_draft
from survey.followup.promises.records import PromiseRecord, lock_promise, promising_municipality
from survey.followup.promises.series_values import start_of
from survey.followup.promises.sign_off import UNSIGNED
from survey.models.promise import FocusArea, GoalKind, Promise, PromiseMeasure, PromiseVersion
from survey.preparation.geography import area_names
from survey.publication import numbers
from survey.publication.embargo import Reader
from survey.publication.extracts import viewer_of
from survey.publication.followed import Followed, FollowedWave, follow
from survey.publication.released import ALL

SENT_TWICE = timedelta(minutes=1)
OF_GOAL = ("indicator", "place", "gender", "age_group")
NOT_SHOWN = "Resultatet visas inte för den gruppen ({note}). Välj en större grupp eller ett annat mått."


def write_promise(
    session: Session, municipality_code: str, given: Mapping[str, str], *, by: str, now: datetime
) -> int:
    """A new promise, as a draft; its number. A form that is sent twice makes one."""
    session.refresh(promising_municipality(session, municipality_code), with_for_update=True)
    given = with_start(session, municipality_code, given, None, now)
    draft = read_draft(given)
    values = _values(session, municipality_code, draft, given, None, now)
    said = {**_columns(draft), **values}
    if (sent_before := _sent_before(session, municipality_code, said, by, now)) is not None:
        return sent_before
    promise = Promise(municipality_code=municipality_code, created_by=by, created_at=now)
    session.add(promise)
    session.flush()
    _add_version(session, promise.id, 1, draft, values, by, now)
    audit.record(session, by, "write promise", f"{municipality_code} {promise.id}", version=1)
    return promise.id


def _sent_before(
    session: Session, municipality_code: str, said: Mapping[str, object], by: str, now: datetime
) -> int | None:
    """The promise that the same person has just begun with the same words and goal."""
    return session.scalar(
        select(Promise.id)
        .join(PromiseVersion, PromiseVersion.promise_id == Promise.id)
        .where(
            Promise.municipality_code == municipality_code,
            Promise.created_by == by,
            Promise.created_at > now - SENT_TWICE,
            PromiseVersion.number == 1,
            *(getattr(PromiseVersion, column) == value for column, value in said.items()),
        )
    )


def rewrite_promise(
    session: Session,
    municipality_code: str,
    promise_id: int,
    given: Mapping[str, str],
    *,
    by: str,
    now: datetime,
) -> None:
    """A new version; once somebody has signed the promise, with the reason."""
    record = lock_promise(session, municipality_code, promise_id)
    if given.get("version", "") != str(record.newest.text.number):
        raise Conflict("Löftet har ändrats sedan sidan öppnades. Läs det igen och gör om ändringen.")
    if record.discarded:
        raise Conflict("Utkastet är borttaget. Skriv ett nytt löfte.")
    given = with_start(session, municipality_code, given, record, now)
    draft = read_draft(given)
    signed = any(version.state not in UNSIGNED for version in record.versions)
    if signed and not draft.texts["reason"]:
        raise Faults({"reason": "Löftet har undertecknats. Skriv varför det ändras."})
    values = _values(session, municipality_code, draft, given, record, now)
    number = record.versions[-1].text.number + 1
    _add_version(session, promise_id, number, draft, values, by, now)
    subject = f"{municipality_code} {promise_id}"
    audit.record(session, by, "write promise", subject, version=number, reason=draft.texts["reason"])


def _keeps_series(record: PromiseRecord, series_code: str) -> bool:
    """Whether a goal is about the same imported series as before: then it keeps what it started from."""
    text = record.newest.text
    return text.kind == GoalKind.SERIES and text.indicator == series_code != ""


def choose_followed(session: Session, municipality_code: str, given: Mapping[str, str]) -> Followed:
    """The share that a form names: the measure, the municipality or one of its areas, and the group."""
    asked = {name: given.get(name, "") for name in OF_GOAL}
    if not (asked["gender"] + asked["age_group"]).isprintable():
        raise Faults({"gender": "Välj gruppen i listan."})
    place = asked["place"] or municipality_code
    if place != municipality_code and place not in area_names(session, municipality_code):
        raise Faults({"place": "Välj kommunen eller ett av dess delområden."})
    geography = MUNICIPALITY if place == municipality_code else "area"
    return Followed(asked["indicator"], geography, place, asked["gender"] or ALL, asked["age_group"] or ALL)


def read_baseline(
    session: Session, municipality_code: str, followed: Followed, wave_code: str, now: datetime
) -> FollowedWave:
    """The share in a wave that the municipality may read, the newest one when none is named.

    Raises:
        Faults: there is no such figure, or it is not shown.
    """
    if not followed.direction:
        raise Faults({"indicator": "Välj ett av måtten."})
    found = follow(session, parties(now), municipality_code, [followed])[followed]
    chosen = [one for one in found if one.there and wave_code in ("", one.wave.code)]
    if not chosen:
        raise Faults(
            {"indicator": "Det finns inget släppt resultat att utgå från för det måttet och den gruppen."}
        )
    if not chosen[-1].figure.shown:
        raise Faults({"indicator": NOT_SHOWN.format(note=chosen[-1].figure.note)})
    return chosen[-1]


def parties(now: datetime) -> Reader:
    """Who writes a promise reads what both who sign it may read."""
    return viewer_of("municipality", None, now).reader


def with_start(
    session: Session,
    municipality_code: str,
    given: Mapping[str, str],
    record: PromiseRecord | None,
    now: datetime,
) -> dict[str, str]:
    """The form with what an imported series says of itself, whatever was sent in its place."""
    code = given.get("indicator", "")
    if given.get("kind") != GoalKind.SERIES or not code:
        return dict(given)
    if record is not None and _keeps_series(record, code):
        text = record.newest.text
        start = {name: getattr(text, name) for name in ("series", "unit", "baseline_source")}
        return {**given, **start, "baseline": number_text(text.baseline)}
    return {**given, **start_of(session, municipality_code, code, today_of(now))}


def _values(
    session: Session,
    municipality_code: str,
    draft: Draft,
    given: Mapping[str, str],
    record: PromiseRecord | None,
    now: datetime,
) -> dict[str, object]:
    """The columns of the goal and of the area in which a promise is asked for."""
    nothing = {
        **dict.fromkeys(("indicator", "geography", "code", "gender", "age_group", "baseline_wave"), ""),
        **dict.fromkeys(("series", "unit", "baseline_source", "accepted_because"), ""),
    }
    values: dict[str, object] = {
        **nothing,
        "focus_area_id": _focus_area(session, municipality_code, draft.focus_area),
        "direction": draft.direction,
        "baseline": draft.baseline,
        "target": draft.target,
    }
    if draft.kind == GoalKind.SERIES:
        values |= {name: draft.texts[name] for name in ("series", "unit", "baseline_source")}
        values |= {"indicator": given.get("indicator", ""), "code": municipality_code}
    if draft.kind == GoalKind.SURVEY:
        values |= _of_survey(session, municipality_code, draft, given, record, now)
    return values


def _of_survey(
    session: Session,
    municipality_code: str,
    draft: Draft,
    given: Mapping[str, str],
    record: PromiseRecord | None,
    now: datetime,
) -> dict[str, object]:
    followed = choose_followed(session, municipality_code, given)
    baseline = read_baseline(session, municipality_code, followed, kept_wave(record, followed), now)
    _require_reachable(draft, followed, baseline)
    return {
        **followed.__dict__,
        "direction": followed.direction,
        "baseline": float(baseline.figure.value or 0),
        "baseline_wave": baseline.wave.code,
        "baseline_source": baseline.wave.title,
        "accepted_because": draft.texts["accepted_because"],
    }


def kept_wave(record: PromiseRecord | None, followed: Followed) -> str:
    """A goal that stays about the same share stays with the wave it started from."""
    if record is None:
        return ""
    text = record.newest.text
    return text.baseline_wave if followed_of(text) == followed else ""


def _require_reachable(draft: Draft, followed: Followed, baseline: FollowedWave) -> None:
    """A target is better than the baseline, and a wave is likely to see it, or somebody says why it stays."""
    start, target = baseline.figure.value, draft.target
    if start is None or target is None:
        return
    if (target <= start) if followed.direction == "up" else (target >= start):
        way = "högre" if followed.direction == "up" else "lägre"
        raise Faults({"target": f"Målet ska vara {way} än utgångsläget, {start}{numbers.NBSP}procent."})
    seen = detectability(baseline, target, followed.direction)
    if seen is not None and not draft.texts["accepted_because"] and (told := wording.doubts(seen)):
        raise Faults(
            {"target": told, "accepted_because": "Om målet ändå ska stå kvar: skriv varför."},
        )


def _focus_area(session: Session, municipality_code: str, chosen: str) -> int | None:
    if not chosen:
        return None
    region = promising_municipality(session, municipality_code).police_region
    known = session.scalars(select(FocusArea.id).where(FocusArea.police_region == region)).all()
    if chosen not in {str(one) for one in known}:
        raise UserError("Det obligatoriska området finns inte i regionen. Läs in sidan på nytt.")
    return int(chosen)


def _columns(draft: Draft) -> dict[str, object]:
    """The columns of a version that are written as they were sent."""
    texts = {name: draft.texts[name] for name in ("title", "problem", "cause", "owner", "reason")}
    return {**texts, "language": draft.language, "due": draft.due, "kind": draft.kind.value}


def _add_version(
    session: Session,
    promise_id: int,
    number: int,
    draft: Draft,
    values: Mapping[str, object],
    by: str,
    now: datetime,
) -> None:
    version = PromiseVersion(
        promise_id=promise_id,
        number=number,
        written_by=by,
        written_at=now,
        **_columns(draft),
        **values,
    )
    session.add(version)
    session.flush()
    session.add_all(
        PromiseMeasure(version_id=version.id, position=position, **measure.__dict__)
        for position, measure in enumerate(draft.measures, start=1)
    )
    session.flush()
