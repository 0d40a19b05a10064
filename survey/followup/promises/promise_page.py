"""All that is known of one promise: what it says, how it goes, who signed, what may be done next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey import clock
from survey.followup.pointing_out import PARTING, pointed_out
from survey.followup.promises import wording
from survey.followup.promises.assessment import Assessment, detectability, read_assessments
from survey.followup.promises.following import signing_step
from survey.followup.promises.overviews import STATE_WORDS, lacks_note
from survey.followup.promises.receipt import focus_names
from survey.followup.promises.records import PromiseRecord, Version, find_promise
from survey.followup.promises.sign_off import SIGNED, State, allowed, is_of_other
from survey.followup.promises.tertials import Tertial, due, parse, tertial_of
from survey.models.promise import NoteStatus, StepKind
from survey.preparation.geography import area_names, municipality_names
from survey.publication import numbers
from survey.publication.embargo import Reader

NOTE_WORDS = wording.NOTE_WORDS
STEP_WORDS = {
    StepKind.SIGN_MUNICIPALITY: "Undertecknat för kommunen",
    StepKind.SIGN_POLICE: "Undertecknat för polisen",
    StepKind.PUBLISH: "Publicerat",
    StepKind.WITHDRAW: "Tillbakadraget",
    StepKind.TAKE_BACK: "Undertecknandet återtaget",
    StepKind.DISCARD: "Utkastet borttaget",
}


@dataclass(frozen=True)
class MeasureLine:
    """Something that is to be done."""

    text: str
    responsible: str
    activities: str
    due: str


@dataclass(frozen=True)
class VersionPart:
    """A version as it reads, with what can be said of its goal."""

    version: Version
    measures: tuple[MeasureLine, ...]
    state_word: str
    focus_area: str
    goal: str
    assessment: Assessment
    status_word: str
    said: tuple[str, ...]
    beside: tuple[str, ...]
    detectable: tuple[str, ...]
    corrected: str  # what the baseline is now, where it is no longer what was read when it was written


@dataclass(frozen=True)
class HistoryEntry:
    """Something that was done to the promise."""

    at: datetime
    by: str
    what: str
    detail: str


@dataclass(frozen=True)
class NoteLine:
    """The note of a tertial."""

    tertial: Tertial
    status_word: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True)
class PromisePage:
    """One promise: the version that holds, and a newer one that waits for signatures."""

    record: PromiseRecord
    municipality: str
    shown: VersionPart  # the newest version
    holds: VersionPart | None  # what both have signed, where that is an older one
    steps: frozenset[StepKind]  # that whoever reads may take on the newest version
    withdrawable: int | None  # the number of the version that may be withdrawn
    notes: tuple[NoteLine, ...]
    history: tuple[HistoryEntry, ...]
    due: Tertial
    lacks_note: bool
    noteable: tuple[Tertial, ...]  # tertials that a note may be about
    pointed_out: Mapping[
        str, tuple[str, ...]
    ]  # what in a version that is not signed by both looks like a name


def read_promise_page(
    session: Session, municipality_code: str, promise_id: int, reader: Reader, today: date, role: str
) -> PromisePage:
    """The page of one promise for somebody of a role."""
    record = find_promise(session, municipality_code, promise_id)
    areas, focus = area_names(session, municipality_code), focus_names(session)
    older = record.agreed if record.agreed is not None and record.agreed is not record.newest else None
    versions = [version for version in (record.newest, older) if version is not None]
    held = [(record, version) for version in versions]
    found = read_assessments(session, municipality_code, held, reader, today)
    parts = [
        _part(version, assessed, areas.get(version.text.code, ""), focus)
        for version, assessed in zip(versions, found, strict=True)
    ]
    holding = record.published or record.agreed
    return PromisePage(
        record=record,
        municipality=municipality_names(session)[municipality_code],
        shown=parts[0],
        holds=parts[1] if older is not None else None,
        steps=_steps(record.newest.state, role),
        withdrawable=holding.text.number if holding and signing_step(role) else None,
        notes=_notes(record),
        history=_history(record),
        due=due(today),
        lacks_note=lacks_note(record, today),
        noteable=_noteable(record, today),
        pointed_out=pointed_out(session, _texts(record.newest), today),
    )


def _texts(version: Version) -> dict[str, str]:
    """What somebody has written of a version that may still be changed before it holds."""
    if version.state in SIGNED or not allowed(version.state):
        return {}
    text = version.text
    found = {"Löftet": text.title, "Problem": text.problem, "Orsaker": text.cause, "Ansvarig": text.owner}
    for number, one in enumerate(version.measures, start=1):
        found[f"Åtgärd {number}"] = PARTING.join((one.text, one.responsible, one.activities))
    return found


def _part(version: Version, found: Assessment, area: str, focus: dict[int, str]) -> VersionPart:
    text = version.text
    seen = None
    if found.baseline is not None and found.latest is None:  # of what lies ahead
        seen = detectability(found.baseline, text.target, text.direction)
    return VersionPart(
        version=version,
        measures=tuple(
            MeasureLine(one.text, one.responsible, one.activities, parse(one.due).short)
            for one in version.measures
        ),
        state_word=STATE_WORDS[version.state],
        focus_area=focus.get(text.focus_area_id or 0, ""),
        goal=wording.goal_sentence(text, area, found.baseline),
        assessment=found,
        status_word=wording.status_word(text.kind, found.status),
        said=wording.outcome_sentences(text, found),
        beside=wording.beside_sentences(found),
        detectable=wording.detectable_sentences(seen, text.direction) if seen else (),
        corrected=_corrected(version, found),
    )


def _corrected(version: Version, found: Assessment) -> str:
    now = found.baseline
    if now is None or version.text.baseline is None or now.figure.value == int(version.text.baseline):
        return ""
    then = int(version.text.baseline)
    return f"När löftet skrevs var utgångsläget {then}{numbers.NBSP}procent. Siffran har rättats sedan dess."


def _steps(state: State, role: str) -> frozenset[StepKind]:
    own = signing_step(role)
    if own is None:
        return frozenset()
    return frozenset(
        kind for kind in allowed(state) - {StepKind.WITHDRAW} if not is_of_other(kind, state, own)
    )


def _notes(record: PromiseRecord) -> tuple[NoteLine, ...]:
    """The newest note of each tertial, the latest tertial first."""
    newest = {note.tertial: note for note in record.notes}
    lines = [
        NoteLine(
            parse(note.tertial),
            wording.NOTE_WORDS[NoteStatus(note.status)],
            note.text,
            note.written_by,
            clock.local(note.written_at),
        )
        for note in newest.values()
    ]
    return tuple(sorted(lines, key=lambda line: line.tertial, reverse=True))


def _noteable(record: PromiseRecord, today: date) -> tuple[Tertial, ...]:
    """From the tertial in which the promise was signed to the one at hand, the one that is due first."""
    if record.agreed is None:
        return ()
    signed = tertial_of(record.agreed.signed_on)
    found = [tertial_of(today)]
    while found[-1] > signed and len(found) < MOST_TERTIALS:
        found.append(found[-1].before)
    return tuple(sorted(found, key=lambda one: (one != due(today), -one.year, -one.number)))


MOST_TERTIALS = 9


def _history(record: PromiseRecord) -> tuple[HistoryEntry, ...]:
    """Everything that was done, the newest first."""
    found = []
    for version in record.versions:
        text, number = version.text, version.text.number
        what = f"Version {number} skriven" if number > 1 else "Första utkastet skrivet"
        found.append(HistoryEntry(clock.local(text.written_at), text.written_by, what, text.reason))
        for step in version.steps:
            who = ", ".join(part for part in (step.name, step.position) if part)
            words = f"{STEP_WORDS[StepKind(step.kind)]}, version {number}"
            found.append(HistoryEntry(clock.local(step.taken_at), step.taken_by, words, who or step.reason))
    for note in record.notes:
        words = f"Anteckning för {parse(note.tertial).label}"
        status = wording.NOTE_WORDS[NoteStatus(note.status)]
        found.append(HistoryEntry(clock.local(note.written_at), note.written_by, words, status))
    for result in record.results:
        value = "" if result.value is None else wording.figure_words(result.value, "")
        said = value or ("gjort" if result.done else "inte gjort")
        at = clock.local(result.noted_at)
        found.append(HistoryEntry(at, result.noted_by, "Besked om målet", f"{said}, {result.source}"))
    return tuple(reversed(sorted(found, key=lambda entry: entry.at)))
