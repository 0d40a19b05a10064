"""The receipt: what was promised and how it went, for those who may read it."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import clock
from survey.followup.promises import wording
from survey.followup.promises.assessment import Assessment, read_assessments, today_of
from survey.followup.promises.records import PromiseRecord, Version, list_promises
from survey.followup.promises.tertials import parse
from survey.models.promise import FocusArea, GoalKind, NoteStatus
from survey.preparation.geography import area_names
from survey.publication import numbers
from survey.publication.embargo import SERVICE, Reader
from survey.publication.extracts import viewer_of
from survey.publication.followed import FollowedWave
from survey.publication.receipt import Receipt, ReceiptFigure, ReceiptMeasure
from survey.questionnaire import indicators as library


def receipts(session: Session, municipality_code: str, audience: str, now: datetime) -> list[Receipt]:
    """The promises that both have signed, to everybody those that are published, as an audience sees them."""
    return receipts_until(session, municipality_code, viewer_of(audience, None, now).reader, today_of(now))


def receipts_until(
    session: Session, municipality_code: str, reader: Reader, today: date, until: date = date.max
) -> list[Receipt]:
    """The same by the waves that began by a day, for what is said of an earlier one."""
    records = list_promises(session, municipality_code)
    held = [(record, version) for record in records if (version := readable(record, reader))]
    if not held:
        return []
    areas = area_names(session, municipality_code)
    focus = focus_names(session)
    found = read_assessments(session, municipality_code, held, reader, today, until)
    return [
        _receipt(record, version, assessed, areas, focus, today)
        for (record, version), assessed in zip(held, found, strict=True)
        if until == date.max or assessed.baseline or version.text.kind != GoalKind.SURVEY
    ]


def report_receipts(
    session: Session, municipality_code: str, until: date, reader: Reader = SERVICE
) -> tuple[Receipt, ...]:
    """What a report on a wave says of the promises: judged by that wave and those before it."""
    return tuple(receipts_until(session, municipality_code, reader, clock.today(), until))


def readable(record: PromiseRecord, reader: Reader) -> Version | None:
    """The version that a reader may read as a promise; None for a draft, and once it is withdrawn."""
    return record.published if reader.is_anybody else record.agreed


def focus_names(session: Session) -> dict[int, str]:
    """The names of the areas in which promises are asked for, those of the past too."""
    return {key: name for key, name in session.execute(select(FocusArea.id, FocusArea.name))}


def _receipt(
    record: PromiseRecord,
    version: Version,
    found: Assessment,
    areas: dict[str, str],
    focus: dict[int, str],
    today: date,
) -> Receipt:
    text = version.text
    area = areas.get(text.code, "")
    measure = library.indicator(text.indicator) if text.kind == GoalKind.SURVEY else None
    note = record.notes[-1] if record.notes else None
    result = found.result
    figure = result.value if result and text.kind == GoalKind.SERIES else None
    return Receipt(
        promise_id=record.id,
        municipality_code=record.municipality_code,
        title=text.title,
        language=text.language,
        problem=text.problem,
        owner=text.owner,
        focus_area=focus.get(text.focus_area_id or 0, ""),
        measures=tuple(
            ReceiptMeasure(one.text, one.responsible, parse(one.due).short) for one in version.measures
        ),
        agreed_on=version.signed_on,
        told_on=numbers.day(today),
        goal=wording.goal_sentence(text, area, found.baseline),
        due=version.due.label,
        due_on=version.due.last_day,
        status=found.status,
        status_word=wording.status_word(text.kind, found.status),
        said=wording.outcome_sentences(text, found),
        beside=wording.beside_sentences(found),
        kind=text.kind,
        ground=str(found.judgement.ground),
        label=measure.label if measure else text.series,
        gender=text.gender,
        age_group=text.age_group,
        area=area,
        direction=text.direction,
        target=_target(text.target, text.kind, text.unit),
        baseline=_figure(found.baseline),
        latest=_figure(found.latest),
        change=found.latest.change if found.latest and found.tested else None,
        result="" if figure is None else wording.figure_words(figure, text.unit),
        result_on=result.on_day if result else None,
        source=result.source if result else "",
        note=note.text if note else "",
        note_status=wording.NOTE_WORDS[NoteStatus(note.status)] if note else "",
        note_of=parse(note.tertial).label if note else "",
        indicator=text.indicator,
        synthetic=bool(found.baseline and found.baseline.wave.synthetic),
    )


def _target(target: float | None, kind: str, unit: str) -> str:
    if target is None:
        return ""
    return str(int(target)) if kind == GoalKind.SURVEY else wording.figure_words(target, unit)


def _figure(found: FollowedWave | None) -> ReceiptFigure | None:
    if found is None:
        return None
    return ReceiptFigure(found.figure, found.wave.code, found.wave.field_start)
