"""Decides row by row of a register file who belongs to the sampling frame, and finds what is wrong."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from survey.collection.register_layout import Block
from survey.preparation.population import GENDERS, age_groups_between, bounds

GENDER_LETTERS = ("K", "M")  # in the order of GENDERS: kvinna, man
NOT_PROTECTED, PROTECTED = "N", "J"
OLDEST = 130
LENGTHS = {"personid": 40, "fornamn": 80, "efternamn": 79, "adress": 160, "postnummer": 10, "postort": 80}
# What a fault may quote of a column: what looks like what belongs there. No name, no personal number.
QUOTABLE = {
    "kommunkod": re.compile(r"\d{0,4}", re.ASCII),
    "delomrade": re.compile(r"(\d{4}-[0-9A-Z]{1,8})?", re.ASCII),
    "kon": re.compile(r"\w?", re.ASCII),
    "alder": re.compile(r"-?\d{0,4}", re.ASCII),
    "skyddad": re.compile(r"\w?", re.ASCII),
}
UNQUOTED = "(visas inte)"

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Screened:
    """A block's rows as numbers: area, sex and age group by position, who is in the frame and who is not."""

    area: Codes
    gender: Codes
    age_group: Codes
    in_frame: Mask
    protected: Mask
    elsewhere: Codes  # position of the municipality for rows of those that do not take part, otherwise -1


@dataclass
class Fault:
    """One kind of fault: how often, and where and what the first time."""

    line: int
    found: str
    count: int


@dataclass
class Faults:
    """Every kind of fault in a file, in the order they are looked for."""

    kinds: dict[str, Fault] = field(default_factory=dict)
    unknown_areas: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, wrong: Mask, block: Block, column: str | None) -> None:
        rows = np.flatnonzero(wrong)
        if not len(rows):
            return
        fault = self.kinds.get(kind)
        if fault is None:
            first = int(rows[0])
            found = _quoted(column, block.column(column)[first].as_py()) if column else ""
            fault = self.kinds[kind] = Fault(block.first_line + first, found, 0)
        fault.count += len(rows)

    def note_areas(self, unknown: Mask, block: Block) -> None:
        """Count persons by an area code that is none of the wave's."""
        if unknown.any():
            codes = block.column("delomrade").filter(pa.array(unknown)).to_pylist()
            self.unknown_areas.update(
                code if QUOTABLE["delomrade"].fullmatch(code) else UNQUOTED for code in codes
            )

    def lines(self) -> Iterator[str]:
        """Each kind of fault, where it is first and how often."""
        for kind, fault in self.kinds.items():
            found = f" {fault.found}" if fault.found else ""
            yield f"{kind}{found} på rad {fault.line}; {fault.count} rader i hela filen"


def _quoted(column: str, value: str) -> str:
    # In a file whose columns are displaced, a person's name or number may stand anywhere.
    return repr(value) if QUOTABLE[column].fullmatch(value) else UNQUOTED


class Screen:
    """What a row is checked against: the municipalities, those taking part, their areas, the age window."""

    def __init__(
        self,
        municipalities: Sequence[str],
        accepted: Sequence[str],
        areas: Mapping[str, str],
        age_min: int,
        age_max: int,
        register_keys: Mapping[str, str] | None = None,
    ) -> None:
        self.municipalities = tuple(municipalities)
        self.areas = tuple(code for code, owner in areas.items() if owner in accepted)
        self.age_groups = age_groups_between(age_min, age_max)
        self.window = f"{age_min}–{age_max}"
        self._accepted = np.array([code in accepted for code in self.municipalities], dtype=bool)
        position = {code: i for i, code in enumerate(self.municipalities)}
        # A register may name an area by its code or by the parts that make it up.
        keys = {key: area for key, area in (register_keys or {}).items() if area in self.areas}
        self._area_names = (*self.areas, *keys)
        place = {area: i for i, area in enumerate(self.areas)}
        self._area_of = np.array([place[keys.get(name, name)] for name in self._area_names], dtype=np.int64)
        self._owner = np.array([position[areas[code]] for code in self.areas], dtype=np.int64)
        self._age_group = np.full(OLDEST + 1, -1, dtype=np.int64)
        for i, group in enumerate(self.age_groups):
            youngest, oldest = bounds(group)
            self._age_group[youngest : oldest + 1] = i

    @property
    def shape(self) -> tuple[int, int, int]:
        """Areas x sexes x age groups."""
        return len(self.areas), len(GENDERS), len(self.age_groups)

    def screen(self, block: Block, faults: Faults) -> Screened:
        """Sort the rows of a block; what is wrong is noted and left out."""
        municipality = _positions(block, "kommunkod", self.municipalities)
        named = _positions(block, "delomrade", self._area_names)
        area = np.where(named >= 0, self._area_of[named], -1)
        gender = _positions(block, "kon", GENDER_LETTERS)
        age = _positions(block, "alder", [str(age) for age in range(OLDEST + 1)])
        protection = _positions(block, "skyddad", (NOT_PROTECTED, PROTECTED))
        age_group = np.where(age >= 0, self._age_group[age], -1)
        # A row with protected identity is counted and looked at no further: its other fields may be withheld.
        protected = protection == 1
        taking_part = ~protected & (municipality >= 0) & self._accepted[municipality]
        wrong: dict[tuple[str, str | None], Mask] = {
            ("okänd kommunkod", "kommunkod"): ~protected & (municipality < 0),
            ("okänt delområde", "delomrade"): taking_part & (area < 0),
            ("delområde i en annan kommun än kommunkoden", "delomrade"): (
                taking_part & (area >= 0) & (self._owner[area] != municipality)
            ),
            ("kon är varken K eller M:", "kon"): taking_part & (gender < 0),
            (f"alder är inget heltal från 0 till {OLDEST}:", "alder"): taking_part & (age < 0),
            (f"ålder utanför omgångens åldrar {self.window}:", "alder"): (
                taking_part & (age >= 0) & (age_group < 0)
            ),
            ("skyddad är varken J eller N:", "skyddad"): protection < 0,
            ("personid saknas", None): _lengths(block, "personid") == 0,
            ("personid har blivit ett avrundat tal i ett kalkylprogram", None): _rounded(block),
            **{
                (f"{column} är längre än {longest} tecken", None): (
                    ~protected & (_lengths(block, column) > longest)
                )
                for column, longest in LENGTHS.items()
            },
        }
        for (kind, column), rows in wrong.items():
            faults.note(kind, rows, block, column)
        faults.note_areas(taking_part & (area < 0), block)
        sound = taking_part & ~np.logical_or.reduce(list(wrong.values()))
        return Screened(
            area=area,
            gender=gender,
            age_group=age_group,
            in_frame=sound,
            protected=protected,
            elsewhere=np.where((municipality >= 0) & ~protected & ~taking_part, municipality, -1),
        )

    def cells(self, screened: Screened) -> npt.NDArray[np.int64]:
        """Persons in the frame by area, sex and age group."""
        rows = screened.in_frame
        cell = np.ravel_multi_index(
            (screened.area[rows], screened.gender[rows], screened.age_group[rows]), self.shape
        )
        size = int(np.prod(self.shape))
        return np.bincount(cell, minlength=size).reshape(self.shape)


def without_address(block: Block, screened: Screened) -> int:
    """How many in the frame no letter can reach."""
    blank = (_lengths(block, "adress") == 0) | (_lengths(block, "postort") == 0)
    return int((screened.in_frame & blank).sum())


def _rounded(block: Block) -> Mask:
    # 1,99001E+11: what a spreadsheet shows of a long number, and saves.
    found = pc.match_substring_regex(block.column("personid"), r"^\s*\d+([.,]\d+)?[eE]\+\d+\s*$")
    return np.asarray(found).astype(bool)


def _positions(block: Block, column: str, values: Sequence[str]) -> Codes:
    # Position of each value in the list, -1 for what is not there.
    trimmed: Any = pc.utf8_trim_whitespace(block.column(column))
    found = pc.fill_null(pc.index_in(trimmed, value_set=pa.array(list(values), pa.string())), -1)
    return np.asarray(found).astype(np.int64)


def _lengths(block: Block, column: str) -> Codes:
    return np.asarray(pc.utf8_length(block.column(column))).astype(np.int64)
