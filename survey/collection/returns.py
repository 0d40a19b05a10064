"""Takes in a list of letters that came back, or of what was told of many cases at once.

A line is a reference number, and what happened when it is not the same for all: `12345-67897;flyttat`. A list
with a malformed line is refused whole, with every fault by its line; what is well-formed is told one by one.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection import storage
from survey.collection.marks import Noted, mark
from survey.collection.samples import REFERENCE_DIGITS, check_digit
from survey.errors import UserError
from survey.models.case import Case, CaseEventKind
from survey.models.wave import WaveStatus
from survey.preparation.waves import lock_wave

LONGEST = 5000  # lines
LARGEST_LIST = 40 * LONGEST  # bytes: a number, a word, and what a spreadsheet puts around them
_SHOWN = 10
KINDS = {
    "retur": CaseEventKind.RETURNED,
    "flyttat": CaseEventKind.MOVED,
    "avliden": CaseEventKind.DECEASED,
    "vill inte": CaseEventKind.REFUSED,
}
_KIND_OF = {**KINDS, **{kind.value: kind for kind in KINDS.values()}}
_LINE = re.compile(r"\s*([0-9][0-9 \-–]*?)\s*(?:[;,\t]\s*(.*?)\s*)?$")


class Found(StrEnum):
    """What became of a line, in the words of the page."""

    RECORDED = "Antecknade"
    KNOWN = "Var redan antecknade"
    ANSWERED = "Har redan svarat, inte ändrade"
    OTHER_WAVE = "Hör till en annan omgång"
    MISSING = "Finns inte"

    @property
    def unsaved(self) -> str:
        """The words when nothing was written."""
        return "Skulle ha antecknats" if self is Found.RECORDED else self.value

    @property
    def needs_a_look(self) -> bool:
        return self in (Found.ANSWERED, Found.OTHER_WAVE, Found.MISSING)


@dataclass(frozen=True)
class Line:
    """A well-formed line: its number in the list, a reference number, what happened."""

    number: int
    reference: str
    kind: CaseEventKind


@dataclass(frozen=True)
class Returns:
    """What became of each reference number of a list; with `stored` False nothing was written."""

    lines: dict[Found, tuple[str, ...]]
    stored: bool

    def count(self, found: Found) -> int:
        return len(self.lines[found])


def record_returns(
    session: Session, wave_code: str, text: str, kind: str, today: date, by: str, *, whole: bool = False
) -> Returns:
    """Note a list of what happened to cases of a wave; lines without a word of their own are of `kind`.

    With `whole`, nothing is stored unless every number belongs to the wave and can be noted.
    """
    lines = read_lines(text, kind)
    wave = lock_wave(session, wave_code)
    if wave.status != WaveStatus.OPEN:
        raise UserError(f"Omgången {wave_code} tar inte emot svar nu, och ingenting kan antecknas.")
    savepoint = session.begin_nested()
    sorted_lines: dict[Found, list[str]] = {found: [] for found in Found}
    for line in lines:
        sorted_lines[_record(session, wave_code, line, today)].append(_spaced(line.reference))
    found = {state: tuple(numbers) for state, numbers in sorted_lines.items()}
    unusable = any(numbers for state, numbers in found.items() if state.needs_a_look)
    if whole and unusable:
        savepoint.rollback()
        return Returns(found, stored=False)
    savepoint.commit()
    counts = {state.name.lower(): len(numbers) for state, numbers in found.items()}
    audit.record(session, by, "record returns", wave_code, **counts)
    return Returns(found, stored=True)


def read_lines(text: str, kind: str) -> list[Line]:
    """The lines of a list, once all of them are well-formed; a first line without digits is a heading."""
    usual = _known_kind(kind)
    numbered = enumerate(text.lstrip("\ufeff").splitlines(), start=1)
    rows = [(number, row) for number, row in numbered if row.strip()]
    if rows and not any(sign.isdigit() for sign in rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise UserError("Listan är tom. Skriv ett referensnummer på varje rad.")
    if len(rows) > LONGEST:
        raise UserError(f"Listan har {len(rows)} rader. Ta högst {LONGEST} åt gången.")
    lines = [_line(number, row, usual) for number, row in rows]
    faults = [fault for fault in lines if isinstance(fault, str)]
    if faults:
        more = [f"… och {len(faults) - _SHOWN} rader till."] if len(faults) > _SHOWN else []
        raise UserError("\n".join(["Inget har sparats. Rätta listan:", *faults[:_SHOWN], *more]))
    return [line for line in lines if isinstance(line, Line)]


def _line(number: int, row: str, usual: CaseEventKind) -> Line | str:
    match = _LINE.match(row)
    digits = "".join(sign for sign in match[1] if sign.isdigit()) if match else ""
    if match is None or len(digits) != REFERENCE_DIGITS + 1 or check_digit(digits[:-1]) != digits[-1]:
        return f"rad {number}: inget riktigt referensnummer (tio siffror, den sista kontrollerar de andra)"
    word = (match[2] or "").strip().lower()
    if word and word not in _KIND_OF:
        return f"rad {number}: okänd händelse. Skriv {', '.join(KINDS)} eller ingenting"
    return Line(number, digits, _KIND_OF[word] if word else usual)


def _record(session: Session, wave_code: str, line: Line, today: date) -> Found:
    found = session.execute(select(Case.id, Case.wave_code).where(Case.reference == line.reference)).first()
    if found is None:
        return Found.MISSING
    case_id, of_wave = found
    if of_wave != wave_code:
        return Found.OTHER_WAVE
    storage.lock_case(session, case_id)
    noted = mark(session, case_id, line.kind, today)
    return {Noted.NEW: Found.RECORDED, Noted.KNOWN: Found.KNOWN, Noted.ANSWERED: Found.ANSWERED}[noted]


def _known_kind(kind: str) -> CaseEventKind:
    if kind not in _KIND_OF:
        raise UserError(f"Välj vad som har hänt: {', '.join(KINDS)}.")
    return _KIND_OF[kind]


def _spaced(reference: str) -> str:
    return f"{reference[:5]}-{reference[5:]}"
