"""Promises in a picture: their receipts; in a tertial which go on, what is noted, what waits for a note."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey.followup.pictures.beside import narrowed
from survey.followup.pictures.content import Promised
from survey.followup.places import Level, Place
from survey.followup.promises.assessment import noted_by_hand
from survey.followup.promises.overviews import lacks_note
from survey.followup.promises.receipt import receipts_until
from survey.followup.promises.records import PromiseRecord, list_promises
from survey.followup.promises.tertials import Tertial
from survey.followup.promises.wording import NOTE_WORDS, result_words
from survey.models.promise import NoteStatus
from survey.models.source import SourceAudience
from survey.publication.embargo import Reader
from survey.publication.receipt import Receipt


@dataclass(frozen=True)
class TertialPromise:
    """A signed promise in a tertial: what was noted of it, that a note is awaited, or that it goes on."""

    municipality_code: str
    place: str
    promise_id: int
    title: str
    status: str
    note: str
    awaited: bool
    last_day: date
    measures: tuple[str, ...]  # that are to be done in the tertial
    told: str  # the last word of the tertial on whether it is done, or on its figure


def read_promises(
    session: Session,
    place: Place,
    inside: Mapping[str, str],
    reader: Reader,
    days: tuple[date, date],
) -> tuple[Promised, ...]:
    """The receipts of a place's municipalities on the first of two days, by the waves until the other."""
    told = []
    for code, name in inside.items():
        open_ones = {one.id for one in list_promises(session, code) if _is_public(one)}
        for receipt in receipts_until(session, code, reader, *days):
            audience = (
                SourceAudience.PUBLIC if receipt.promise_id in open_ones else SourceAudience.MUNICIPALITY
            )
            shown_to = narrowed(audience, Level.MUNICIPALITY, place.level)
            told.append(_promised(receipt, name, shown_to))
    return tuple(told)


def tertial_promises(
    session: Session, inside: Mapping[str, str], tertial: Tertial, today: date, own: Collection[str] | None
) -> tuple[TertialPromise, ...]:
    """The promises that were noted in a tertial, wait for a note of it or go on in it.

    Of municipalities that are not the reader's own only what is published; without `own` all are.
    """
    return tuple(
        one
        for code, name in inside.items()
        for record in list_promises(session, code)
        if own is None or code in own or _is_public(record)
        for one in _of_tertial((code, name), record, tertial, today)
    )


def _of_tertial(
    municipality: tuple[str, str], record: PromiseRecord, tertial: Tertial, today: date
) -> Iterator[TertialPromise]:
    held, note = record.agreed, record.note(tertial.code)
    # As seen from the day after, when the tertial is the one that waits for a note.
    awaited = tertial.has_ended(today) and lacks_note(record, tertial.next.first_day)
    goes_on = held is not None and not tertial.has_ended(today) and tertial <= held.due
    days = (tertial.first_day, tertial.last_day)
    known = [one for one in noted_by_hand(record) if days[0] <= one.on_day <= days[1]]
    if held is None or not (note or awaited or goes_on or known):
        return
    status = NOTE_WORDS[NoteStatus(note.status)] if note else ""
    text = note.text if note else ""
    due_now = tuple(one.text for one in held.measures if one.due == tertial.code)
    title, last = held.text.title, held.due.last_day
    told = result_words(held.text, known[-1]) if known else ""
    yield TertialPromise(*municipality, record.id, title, status, text, awaited, last, due_now, told)


def _is_public(record: PromiseRecord) -> bool:
    """Whether everybody may read the version that both have signed."""
    return record.published is not None and record.published == record.agreed


def _promised(receipt: Receipt, place: str, audience: SourceAudience) -> Promised:
    note = f"{receipt.note_of}: {receipt.note_status}. {receipt.note}" if receipt.note else ""
    return Promised(
        place=place,
        title=receipt.title,
        language=receipt.language,
        problem=receipt.problem,
        owner=receipt.owner,
        measures=tuple(f"{one.text} ({one.responsible}, {one.due})" for one in receipt.measures),
        goal=receipt.goal,
        due=receipt.due,
        status=receipt.status_word,
        said=receipt.said,
        beside=receipt.beside,
        note=note,
        audience=audience.value,
        municipality_code=receipt.municipality_code,
        promise_id=receipt.promise_id,
    )
