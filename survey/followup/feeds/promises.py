"""Promises with their receipts, and what is to be done for them, as rows."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from survey import clock
from survey.followup.feeds.callers import Caller, page_of
from survey.followup.promises.receipt import receipts_until
from survey.followup.promises.records import list_promises
from survey.publication.extract_columns import Value
from survey.publication.extracts import Extract, Filters
from survey.publication.receipt import Receipt, ReceiptFigure

PROMISE_COLUMNS = (
    *("promise", "municipality_code", "title", "language", "problem", "focus_area", "owner", "agreed_on"),
    *("due", "due_on", "goal", "kind", "indicator", "area", "gender", "age_group", "direction", "target"),
    *("baseline_wave", "baseline_percent", "latest_wave", "latest_percent", "change_points", "verdict"),
    *("result", "result_on", "source", "status", "status_word", "ground", "said", "beside"),
    *("note_of", "note_status", "note", "synthetic"),
)
MEASURE_COLUMNS = ("promise", "municipality_code", "position", "text", "responsible", "due")


def list_receipts(session: Session, caller: Caller, filters: Filters) -> Extract:
    """Each promise and how it went: published ones to everybody, signed ones to their own parties too."""
    return page_of(PROMISE_COLUMNS, [_receipt(one) for one in _receipts(session, caller, filters)])


def list_measures(session: Session, caller: Caller, filters: Filters) -> Extract:
    """What is to be done for the same promises, by whom and until when."""
    rows: list[tuple[Value, ...]] = [
        (one.promise_id, one.municipality_code, position, measure.text, measure.responsible, measure.due)
        for one in _receipts(session, caller, filters)
        for position, measure in enumerate(one.measures, start=1)
    ]
    return page_of(MEASURE_COLUMNS, rows)


def _receipts(session: Session, caller: Caller, filters: Filters) -> Iterator[Receipt]:
    today = clock.local(caller.reader.now).date()
    promised = dict.fromkeys(one.municipality_code for one in list_promises(session))
    asked = filters.get("municipality_code", ())
    for code in promised:
        if not asked or code in asked:
            reader = caller.reader_of(code)
            for one in receipts_until(session, code, reader, today):
                # How the work goes from tertial to tertial is noted for the parties themselves.
                yield replace(one, note="", note_status="", note_of="") if reader.is_anybody else one


def _receipt(one: Receipt) -> tuple[Value, ...]:
    change = one.change
    return (
        *(one.promise_id, one.municipality_code, one.title, one.language, one.problem, one.focus_area),
        *(one.owner, one.agreed_on.isoformat(), one.due, one.due_on.isoformat(), one.goal, one.kind),
        *(one.indicator, one.area, one.gender, one.age_group, one.direction, one.target),
        *_figure(one.baseline),
        *_figure(one.latest),
        *((change.value, change.verdict) if change else (None, "")),
        *(one.result, one.result_on.isoformat() if one.result_on else None, one.source),
        *(one.status, one.status_word, one.ground, " ".join(one.said), " ".join(one.beside)),
        *(one.note_of, one.note_status, one.note, one.synthetic),
    )


def _figure(found: ReceiptFigure | None) -> tuple[Value, Value]:
    return (found.wave, found.figure.value) if found else (None, None)
