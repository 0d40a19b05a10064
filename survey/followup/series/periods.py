"""Months, quarters, tertials and years: the ways files write them, one way to keep them."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from survey.models.source import PeriodKind
from survey.publication.numbers import SHORT_MONTHS

_MONTHS: Mapping[PeriodKind, int] = {
    PeriodKind.MONTH: 1,
    PeriodKind.QUARTER: 3,
    PeriodKind.TERTIAL: 4,
    PeriodKind.YEAR: 12,
}
KIND_WORDS: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "månad",
    PeriodKind.QUARTER: "kvartal",
    PeriodKind.TERTIAL: "tertial",
    PeriodKind.YEAR: "år",
}
_LETTERS: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "",
    PeriodKind.QUARTER: "K",
    PeriodKind.TERTIAL: "T",
    PeriodKind.YEAR: "",
}
# 2026, 2026-03, 2026M03, 2026K1, 2026Q1, 2026T1 and the same with a hyphen or a blank between.
_WRITTEN = re.compile(r"(?P<year>(?:19|20)\d\d)(?:[ -]?(?P<letter>[MKQT]?)(?P<number>\d{1,2}))?", re.ASCII)
_KINDS = {
    "M": PeriodKind.MONTH,
    "": PeriodKind.MONTH,
    "K": PeriodKind.QUARTER,
    "Q": PeriodKind.QUARTER,
    "T": PeriodKind.TERTIAL,
}


@dataclass(frozen=True)
class Period:
    """A period of a kind: the number is that of the month, quarter or tertial in the year, 1 for the year."""

    kind: PeriodKind
    year: int
    number: int = 1

    @property
    def code(self) -> str:
        """As it is kept: texts of one kind stand in order of time."""
        if self.kind is PeriodKind.YEAR:
            return str(self.year)
        number = f"{self.number:02d}" if self.kind is PeriodKind.MONTH else str(self.number)
        return f"{self.year}-{_LETTERS[self.kind]}{number}"

    @property
    def words(self) -> str:
        if self.kind is PeriodKind.MONTH:
            return f"{SHORT_MONTHS[self.number - 1]} {self.year}"
        return str(self.year) if self.kind is PeriodKind.YEAR else f"{self.code[5:]} {self.year}"

    @property
    def first(self) -> date:
        return date(self.year, (self.number - 1) * _MONTHS[self.kind] + 1, 1)

    @property
    def last(self) -> date:
        month = self.number * _MONTHS[self.kind]
        return date(self.year, month, monthrange(self.year, month)[1])

    def follows(self, other: "Period") -> bool:
        """Whether nothing lies between the other period and this one."""
        return (self.first - other.last).days == 1


@lru_cache(maxsize=4096)  # a file has few periods and says them for every place
def parse(written: str) -> Period:
    """The period that a text names.

    Raises:
        ValueError: it names none.
    """
    matched = _WRITTEN.fullmatch(written.strip().upper())
    if matched is None:
        raise ValueError(written)
    year, letter, number = matched["year"], matched["letter"], matched["number"]
    if number is None:
        return Period(PeriodKind.YEAR, int(year))
    kind = _KINDS[letter]
    if not 1 <= int(number) <= 12 // _MONTHS[kind] or (not letter and len(number) != 2):
        raise ValueError(written)
    return Period(kind, int(year), int(number))
