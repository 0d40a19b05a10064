"""Every promise of a municipality or of the region: what waits, what is late, what is lacking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey.followup.promises import wording
from survey.followup.promises.assessment import GOING_ON, Assessment, read_assessments
from survey.followup.promises.focus_areas import FocusLine, focus_areas
from survey.followup.promises.receipt import focus_names
from survey.followup.promises.records import (
    PromiseRecord,
    Version,
    list_promises,
    promising_municipality,
)
from survey.followup.promises.sign_off import SIGNED, State
from survey.followup.promises.tertials import due, parse
from survey.followup.signing_parties import Party
from survey.models.promise import NoteStatus, PromiseNote
from survey.preparation.geography import area_names, municipality_names
from survey.publication.embargo import Reader

STATE_WORDS = {
    State.DRAFT: "Utkast",
    State.AWAITS_POLICE: "Undertecknat av kommunen, väntar på polisen",
    State.AWAITS_MUNICIPALITY: "Undertecknat av polisen, väntar på kommunen",
    State.AGREED: "Undertecknat av båda, inte publicerat",
    State.PUBLISHED: "Publicerat",
    State.WITHDRAWN: "Tillbakadraget",
    State.DISCARDED: "Utkastet är borttaget",
}


LATE = (NoteStatus.DELAYED, NoteStatus.STOPPED)


@dataclass(frozen=True)
class PromiseLine:
    """A promise in a list: the version that holds, or the draft before there is one."""

    municipality_code: str
    municipality: str
    record: PromiseRecord
    version: Version
    assessment: Assessment
    focus_area: str
    goal: str
    lacks_note: bool

    @property
    def state_word(self) -> str:
        return STATE_WORDS[self.record.newest.state]

    @property
    def status_word(self) -> str:
        """How it goes, of what both have signed."""
        signed = self.version.state in SIGNED
        return wording.status_word(self.version.text.kind, self.assessment.status) if signed else ""

    @property
    def overdue(self) -> bool:
        return self.version.state in SIGNED and self.assessment.overdue

    @property
    def note(self) -> PromiseNote | None:
        """The last word of the last tertial on how the work goes, of what both have signed."""
        notes = self.record.notes if self.version.state in SIGNED else ()
        return max(notes, key=lambda one: (one.tertial, one.id), default=None)

    @property
    def note_word(self) -> str:
        return f"{parse(self.note.tertial).short}: {_note_word(self.note)}" if self.note else ""

    @property
    def behind(self) -> bool:
        """Whether those who promised say themselves that the work is late, while the goal is not decided."""
        going_on = self.assessment.status == GOING_ON
        return going_on and self.note is not None and self.note.status in LATE


@dataclass(frozen=True)
class MunicipalityPromises:
    """The promises of a municipality and how they cover the areas in which some are asked for."""

    code: str
    name: str
    lines: tuple[PromiseLine, ...]
    focus: tuple[FocusLine, ...]
    discarded: tuple[PromiseRecord, ...]

    @property
    def lacking(self) -> tuple[FocusLine, ...]:
        return tuple(one for one in self.focus if not one.agreed)


def municipality_promises(
    session: Session, municipality_code: str, reader: Reader, today: date
) -> MunicipalityPromises:
    """The promises of one municipality."""
    name = promising_municipality(session, municipality_code).name
    records = list_promises(session, municipality_code)
    return _of_municipality(session, (municipality_code, name), records, reader, today)


def region_promises(session: Session, reader: Reader, today: date) -> tuple[MunicipalityPromises, ...]:
    """The promises of every municipality, those without any too."""
    by_code: dict[str, list[PromiseRecord]] = {code: [] for code in municipality_names(session)}
    for record in list_promises(session):
        by_code[record.municipality_code].append(record)
    names = municipality_names(session)
    return tuple(
        _of_municipality(session, (code, names[code]), records, reader, today)
        for code, records in by_code.items()
    )


def waiting_for(session: Session, party: Party, municipality_code: str) -> tuple[PromiseRecord, ...]:
    """The promises of a municipality that the other party has signed and this one has not."""
    waits = State.AWAITS_POLICE if party is Party.POLICE else State.AWAITS_MUNICIPALITY
    return tuple(one for one in list_promises(session, municipality_code) if one.newest.state is waits)


def _of_municipality(
    session: Session,
    municipality: tuple[str, str],
    records: Sequence[PromiseRecord],
    reader: Reader,
    today: date,
) -> MunicipalityPromises:
    code, name = municipality
    kept = [record for record in records if not record.discarded]
    held = [(record, record.agreed or record.newest) for record in kept]
    found = read_assessments(session, code, held, reader, today)
    areas, focus = area_names(session, code), focus_names(session)
    lines = tuple(
        _line((code, name), record, version, assessed, areas, focus, today)
        for (record, version), assessed in zip(held, found, strict=True)
    )
    discarded = tuple(record for record in records if record.discarded)
    return MunicipalityPromises(code, name, lines, focus_areas(session, code, kept), discarded)


def _line(
    municipality: tuple[str, str],
    record: PromiseRecord,
    version: Version,
    found: Assessment,
    areas: Mapping[str, str],
    focus: Mapping[int, str],
    today: date,
) -> PromiseLine:
    text = version.text
    return PromiseLine(
        *municipality,
        record,
        version,
        found,
        focus.get(text.focus_area_id or 0, ""),
        wording.goal_sentence(text, areas.get(text.code, ""), found.baseline),
        lacks_note(record, today),
    )


def _note_word(note: PromiseNote) -> str:
    return wording.NOTE_WORDS[NoteStatus(note.status)]


def lacks_note(record: PromiseRecord, today: date) -> bool:
    """Whether the tertial that has ended waits for a note: the promise was signed in time and not yet due."""
    held, now_due = record.agreed, due(today)
    if held is None or now_due > held.due:
        return False
    return held.signed_on <= now_due.last_day and record.note(now_due.code) is None
