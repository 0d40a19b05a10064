"""Draws the sample of a wave: a second pass over the register file keeps the drawn persons alone."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from analysis.sampling import draw
from analysis.strata import Strata
from survey import audit
from survey.collection import storage
from survey.collection.do_not_contact import DoNotContactList
from survey.collection.frame_check import screen_of
from survey.collection.register import RegisterFile
from survey.collection.register_layout import Block
from survey.collection.screening import Faults, Screen, Screened
from survey.errors import Conflict, UserError
from survey.models.case import Case, CaseEventKind
from survey.models.contact import Contact
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.preparation.completeness import require_complete
from survey.preparation.earlier_waves import Overlap, expected_overlaps
from survey.preparation.plans import Allocation, decided_allocation
from survey.preparation.population import GENDERS
from survey.preparation.waves import find_wave, lock_wave, require_status
from survey.progress import Progress

REFERENCE_DIGITS = 9  # and one that checks


@dataclass(frozen=True)
class SampleReport:
    """How many were drawn where."""

    wave_code: str
    areas: int
    population: int
    sampled: int
    without_address: int
    not_contacted: int
    overlaps: tuple[Overlap, ...]  # with earlier waves


@dataclass(frozen=True)
class Chosen:
    """The drawn persons as they stand in the register, and what says that they are still the ones to draw."""

    wave_code: str
    seed: int
    register: str  # SHA-256 of the file
    plan: Allocation
    cases: list[dict[str, Any]]
    contacts: list[dict[str, Any]]  # of the same persons, in the same order


def choose(
    session: Session, never: DoNotContactList, wave_code: str, path: Path, progress: Progress | None = None
) -> Chosen:
    """Read whom the plan of the wave draws; nothing is written, and nobody waits while it takes its time."""
    wave = find_wave(session, wave_code)
    screen, plan = _ready(session, wave)
    picker = _Picker(screen, plan.strata, draw(plan.strata.population, plan.sizes, wave.seed))
    file = RegisterFile(path)
    cases: list[dict[str, Any]] = []
    contacts: list[dict[str, Any]] = []
    for block in file.blocks("drar urvalet", progress):
        screened = screen.screen(block, Faults())
        some = _persons(block, screened, picker.pick(screened), screen, wave_code, never)
        cases += some[0]
        contacts += some[1]
    if file.sha256 != wave.frame_hash:
        raise UserError(
            f"Filen {path.name} är inte den som urvalsramen lästes in från. Inget urval har dragits."
        )
    return Chosen(wave_code, wave.seed, file.sha256, plan, cases, contacts)


def keep_sample(
    session: Session, identity_session: Session, chosen: Chosen, by: str, *, do_not_contact_key: str = ""
) -> SampleReport:
    """Keep whom the plan of the wave draws: cases without names here, contacts over there.

    Whoever asked never to be contacted again stays in the frame and can be drawn, so that the weights are
    right: a refusal from the first day, and nothing of who it is is kept.
    """
    wave = lock_wave(session, chosen.wave_code)
    _, plan = _ready(session, wave)
    if (wave.seed, wave.frame_hash, plan.sha256) != (chosen.seed, chosen.register, chosen.plan.sha256):
        raise Conflict("Planen eller urvalsramen ändrades medan urvalet drogs. Dra det igen.")
    # Contacts left behind by an attempt that was broken off.
    identity_session.execute(delete(Contact).where(Contact.wave_code == wave.code))
    never = DoNotContactList(identity_session, do_not_contact_key)
    references = _References(session)
    numbers = [{"reference": references.new()} for _ in chosen.cases]
    session.execute(insert(Case), [case | own for case, own in zip(chosen.cases, numbers, strict=True)])
    persons = [person | own for person, own in zip(chosen.contacts, numbers, strict=True)]
    contacts = [person for person in persons if person["person_hash"] not in never]
    silent = [person["reference"] for person in persons if person["person_hash"] in never]
    if contacts:
        identity_session.execute(insert(Contact), contacts)
    populations = _populations(session, wave.code)
    overlaps = expected_overlaps(session, wave, plan)
    _store_sizes(session, wave.code, plan.strata.by_area(plan.sizes))
    wave.status = WaveStatus.SAMPLED.value
    session.flush()
    report = SampleReport(
        wave.code,
        len(populations),
        sum(populations.values()),
        sum(plan.sizes.values()),
        sum(not (contact["street"] and contact["city"]) for contact in contacts),
        _refuse(session, silent, wave.field_start),
        overlaps,
    )
    _record(session, wave, plan, report, by)
    return report


def _ready(session: Session, wave: Wave) -> tuple[Screen, Allocation]:
    """What is drawn from and how, when the wave has come to the draw."""
    require_status(wave, WaveStatus.FRAMED)
    require_complete(session, wave)
    screen = screen_of(session, wave)
    if tuple(_populations(session, wave.code)) != screen.areas:
        raise UserError(
            "Deltagandet eller delområdena har ändrats sedan urvalsramen lästes in. "
            "Läs in den igen med: trygg wave load-frame"
        )
    return screen, decided_allocation(session, wave)


def _record(session: Session, wave: Wave, plan: Allocation, report: SampleReport, by: str) -> None:
    """What draws the same sample again: the seed, the register file, and the number of each stratum."""
    audit.record(
        session,
        by,
        "draw sample",
        wave.code,
        seed=wave.seed,
        register=wave.frame_hash,
        allocation=dict(plan.sizes),
        allocation_sha256=plan.sha256,
        **{**report.__dict__, "overlaps": [asdict(overlap) for overlap in report.overlaps]},
    )


class _Picker:
    """Knows which person of each stratum, counted in the order of the file, is drawn."""

    def __init__(self, screen: Screen, strata: Strata, ordinals: Mapping[str, npt.NDArray[np.int64]]) -> None:
        position = {code: place for place, code in enumerate(strata.population)}
        self._stratum = np.array(
            [[position[strata.of_cell[area, group]] for group in screen.age_groups] for area in screen.areas],
            dtype=np.int64,
        )
        sizes = np.array(list(strata.population.values()), dtype=np.int64)
        self._start = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        self._seen = np.zeros(len(sizes), dtype=np.int64)
        self._drawn = np.zeros(int(sizes.sum()) + 1, dtype=bool)
        for start, stratum in zip(self._start, strata.population, strict=True):
            self._drawn[start + ordinals[stratum]] = True

    def pick(self, screened: Screened) -> npt.NDArray[np.int64]:
        """The rows of the block's drawn persons."""
        rows = np.flatnonzero(screened.in_frame)
        stratum = self._stratum[screened.area[rows], screened.age_group[rows]]
        order = np.argsort(stratum, kind="stable")
        by_stratum = stratum[order]
        number = np.bincount(stratum, minlength=len(self._seen))
        first = np.cumsum(number) - number
        ordinal = np.empty(len(rows), dtype=np.int64)
        ordinal[order] = np.arange(len(rows)) - first[by_stratum] + self._seen[by_stratum]
        self._seen += number
        # Another file than the one loaded can hold more persons; its hash tells, after the last row.
        place = np.minimum(self._start[stratum] + ordinal, len(self._drawn) - 1)
        return rows[self._drawn[place]]


class _References:
    """Makes reference numbers that tell nothing and that nobody else has."""

    def __init__(self, session: Session) -> None:
        self._taken = set(session.scalars(select(Case.reference)))

    def new(self) -> str:
        while True:
            digits = f"{secrets.randbelow(10**REFERENCE_DIGITS):0{REFERENCE_DIGITS}d}"
            reference = digits + check_digit(digits)
            if reference not in self._taken:
                self._taken.add(reference)
                return reference


def check_digit(digits: str) -> str:
    """The digit that makes a reference number safe to read out over the telephone (Luhn, modulo 10)."""
    doubled = (int(digit) * (2 - i % 2) for i, digit in enumerate(reversed(digits)))
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def _persons(
    block: Block,
    screened: Screened,
    rows: npt.NDArray[np.int64],
    screen: Screen,
    wave_code: str,
    never: DoNotContactList,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Cases and contacts of the rows, as yet without reference numbers."""
    cases, contacts = [], []
    for row, person in zip(rows.tolist(), block.rows.take(rows).to_pylist(), strict=True):
        cases.append(
            {
                "wave_code": wave_code,
                "area_code": screen.areas[screened.area[row]],
                "legal_gender": GENDERS[screened.gender[row]],
                "age_group": screen.age_groups[screened.age_group[row]],
            }
        )
        contacts.append(
            {
                "wave_code": wave_code,
                "name": _clean(f"{person['fornamn']} {person['efternamn']}"),
                "street": _clean(person["adress"]),
                "postal_code": _clean(person["postnummer"]),
                "city": _clean(person["postort"]),
                "person_hash": never.hash_of(person["personid"]),
            }
        )
    return cases, contacts


def _refuse(session: Session, references: list[str], day: date) -> int:
    """Cases that nobody writes to; how many."""
    cases = session.scalars(select(Case.id).where(Case.reference.in_(references))).all() if references else []
    for case_id in cases:
        storage.add_event(session, case_id, CaseEventKind.REFUSED, day)
    return len(cases)


def _clean(text: str) -> str:
    # Control and direction characters have no place on an envelope, nor in PostgreSQL (NUL).
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _populations(session: Session, wave_code: str) -> dict[str, int]:
    strata = select(Stratum.area_code, Stratum.population).where(Stratum.wave_code == wave_code)
    return dict(sorted((code, persons) for code, persons in session.execute(strata)))


def _store_sizes(session: Session, wave_code: str, sampled: Mapping[str, int]) -> None:
    for area_code, size in sampled.items():
        session.execute(
            update(Stratum)
            .where(Stratum.wave_code == wave_code, Stratum.area_code == area_code)
            .values(sampled=size)
        )
