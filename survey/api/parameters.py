"""What a question may ask for: the one table that requests are checked by and openapi.json is made from."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from survey.errors import UserError

MOST_VALUES = 100
MOST_ROWS = 10_000
USUAL_ROWS = 1_000
FARTHEST = 100_000_000


class BadQuestion(UserError):
    """A question that cannot be answered as it is put."""


class Clash(UserError):
    """A question whose parts are right one by one and do not go together."""


@dataclass(frozen=True)
class Parameter:
    """A filter: one or several values, by commas or by repeating the name."""

    name: str
    text: str
    pattern: str = r"[0-9A-Za-zÅÄÖåäö_.:+-]{1,80}"
    choices: tuple[str, ...] = ()
    required: bool = False

    def read(self, given: Sequence[str]) -> tuple[str, ...]:
        """The values, checked."""
        parts = [part for text in given for part in text.split(",")]
        if len(parts) > MOST_VALUES:
            raise BadQuestion(f"{self.name}: högst {MOST_VALUES} värden åt gången.")
        values = tuple(dict.fromkeys(parts))
        for value in values:
            if self.choices and value not in self.choices:
                raise BadQuestion(f"{self.name}: {value[:40]!r} finns inte. Välj: {', '.join(self.choices)}.")
            if not re.fullmatch(self.pattern, value):
                raise BadQuestion(f"{self.name}: {value[:40]!r} är ingen kod. Koderna står i listorna.")
        if self.required and len(values) != 1:
            raise BadQuestion(f"{self.name}: ange en.")
        return values


@dataclass(frozen=True)
class Number:
    """A whole number that is given once, or not at all."""

    name: str
    text: str
    least: int
    most: int
    usual: int

    def read(self, given: Sequence[str]) -> int:
        if not given:
            return self.usual
        if len(given) > 1 or not re.fullmatch(r"[0-9]{1,9}", given[0]):
            raise BadQuestion(f"{self.name}: ange ett heltal från {self.least} till {self.most}.")
        if not self.least <= int(given[0]) <= self.most:
            raise BadQuestion(f"{self.name}: ange ett heltal från {self.least} till {self.most}.")
        return int(given[0])


@dataclass(frozen=True)
class Question:
    """What is asked for."""

    filters: Mapping[str, tuple[str, ...]]
    limit: int
    offset: int
    form: str  # empty: by the header Accept
    paged: bool  # whether limit or offset was given


WAVE = Parameter("wave", "Mätningens kod. Utan: alla mätningar som får läsas.")
GEOGRAPHY = Parameter(
    "geography",
    "all = alla kommuner, municipality = kommun, area = delområde.",
    choices=("all", "municipality", "area"),
)
CODE = Parameter("code", "Kommunens eller delområdets kod; all för alla kommuner tillsammans.")
INDICATOR = Parameter("indicator", "Måttets kod.")
GENDER = Parameter(
    "gender",
    "Kön som den svarande har angett; all = alla.",
    choices=("all", "woman", "man", "other", "undisclosed"),
)
AGE_GROUP = Parameter("age_group", "Åldersgrupp som 16-29; all = alla.")
MUNICIPALITY = Parameter("municipality_code", "Kommunens kod; all för alla kommuner tillsammans.")
TABLE = Parameter("table", "Den beställda tabellens nummer.", pattern=r"[0-9]{1,9}")
LEVEL = Parameter(
    "level",
    "Nivå: district = lokalpolisområde, police_area = polisområde.",
    choices=("area", "municipality", "district", "police_area", "region", "nation"),
)
PLACE_CODE = Parameter("code", "Platsens kod på nivån.")
SERIES = Parameter("series", "Seriens kod.")
LIMIT = Number("limit", "Hur många rader svaret har som mest.", 1, MOST_ROWS, USUAL_ROWS)
OFFSET = Number("offset", "Hur många rader som hoppas över.", 0, FARTHEST, 0)
CELLS = (WAVE, GEOGRAPHY, CODE, INDICATOR, GENDER, AGE_GROUP)


def read_question(args: MultiDict[str, str], filters: Iterable[Parameter], forms: Sequence[str]) -> Question:
    """The question of an address; anything it does not know is an error, so that no filter is lost unseen."""
    known = {one.name: one for one in filters}
    names = [*known, LIMIT.name, OFFSET.name, "format"]
    for name in args:
        if name not in names:
            raise BadQuestion(f"{name[:40]!r} går inte att ange här. Välj bland: {', '.join(names)}.")
    found = {one.name: one.read(args.getlist(one.name)) for one in known.values()}
    form = args.getlist("format")
    if form and (len(form) > 1 or form[0] not in forms):
        raise BadQuestion(f"format: {form[-1][:40]!r} finns inte här. Välj: {', '.join(forms)}.")
    return Question(
        filters={name: values for name, values in found.items() if values},
        limit=LIMIT.read(args.getlist(LIMIT.name)),
        offset=OFFSET.read(args.getlist(OFFSET.name)),
        form=form[0] if form else "",
        paged=LIMIT.name in args or OFFSET.name in args,
    )
