"""The thirds of a year in which promises are followed up, and which of them waits for a note."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from survey.errors import UserError
from survey.publication.speech import say

CODE = re.compile(r"(20\d\d)-T([123])", re.ASCII)
MONTHS = {1: "januari–april", 2: "maj–augusti", 3: "september–december"}


@dataclass(frozen=True, order=True)
class Tertial:
    """T1 is January to April, T2 May to August, T3 September to December."""

    year: int
    number: int

    @property
    def code(self) -> str:
        return f"{self.year}-T{self.number}"

    @property
    def short(self) -> str:
        """ "T1 2027"."""
        return f"T{self.number} {self.year}"

    @property
    def label(self) -> str:
        """ "T1 2027 (januari–april)"."""
        return f"{self.short} ({say(MONTHS[self.number])})"

    @property
    def first_day(self) -> date:
        return date(self.year, 4 * self.number - 3, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(1)

    @property
    def next(self) -> "Tertial":
        return Tertial(self.year + self.number // 3, self.number % 3 + 1)

    @property
    def before(self) -> "Tertial":
        return Tertial(self.year - (self.number == 1), (self.number + 1) % 3 + 1)

    def has_ended(self, today: date) -> bool:
        return today > self.last_day


def tertial_of(day: date) -> Tertial:
    """The tertial that a day lies in."""
    return Tertial(day.year, (day.month + 3) // 4)


def parse(code: str) -> Tertial:
    """A tertial by its code, as 2027-T1."""
    found = CODE.fullmatch(code)
    if found is None:
        raise UserError("Välj ett tertial, som T1 2027 (januari–april).")
    return Tertial(int(found[1]), int(found[2]))


def due(today: date) -> Tertial:
    """The tertial that is to be noted now: the last one that has ended."""
    return tertial_of(today).before


def coming(today: date, number: int) -> list[Tertial]:
    """The tertial at hand and those after it."""
    found = [tertial_of(today)]
    while len(found) < number:
        found.append(found[-1].next)
    return found
