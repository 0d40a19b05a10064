"""A statistical table whatever file it came in: dimensions, and a cell for each combination."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from survey.errors import UserError

_NUMBER = re.compile(r"[-−]?\d{1,15}(?:[.,]\d{1,15})?(?:[eE][-+]?\d{1,2})?", re.ASCII)
MOST_CELLS = 2_000_000
REGION, AGE, SEX, CONTENTS = "region", "age", "sex", "contents"
TIME, CIVIL_STATUS = "time", "civil_status"
_NAMES: Mapping[str, frozenset[str]] = {
    REGION: frozenset(
        {"region", "kommun", "kommunkod", "kommun_kod", "municipality", "område", "geo", "plats"}
    ),
    AGE: frozenset({"alder", "ålder", "age"}),
    SEX: frozenset({"kon", "kön", "sex", "gender"}),
    CONTENTS: frozenset({"contentscode", "tabellinnehåll", "contents", "observations"}),
    TIME: frozenset({"tid", "år", "månad", "kvartal", "tertial", "time", "year", "month", "period"}),
    CIVIL_STATUS: frozenset({"civilstand", "civilstånd", "marital status"}),
}
_TOTALS = frozenset(
    {"1+2", "t", "tot", "tots", "total", "totals", "totalt", "samtliga", "alla", "båda könen"}
)
# What official producers write in place of a figure (SCB: Teckenförklaring).
SYMBOLS: Mapping[str, str] = {
    ".": "kan inte förekomma",
    "..": "finns inte, är för osäker eller lämnas inte ut",
    "...": "finns inte än",
}


@dataclass(frozen=True)
class Cell:
    """A figure, or none with the reason, and where in the file it stands."""

    value: float | None
    note: str
    where: str


@dataclass(frozen=True)
class Dimension:
    """A variable of a table with its categories by code."""

    code: str
    label: str
    categories: Mapping[str, str]
    is_time: bool = False
    total: str | None = None  # the category that the file itself says stands for all

    def means(self, kind: str) -> bool:
        """Whether this is the table's region, age, sex, contents or time."""
        if kind == TIME and self.is_time:
            return True
        return bool({self.code.casefold(), self.label.casefold()} & _NAMES[kind])

    def total_code(self) -> str | None:
        """The category that stands for all the others, when there is one."""
        if self.total in self.categories:
            return self.total
        found = [code for code, label in self.categories.items() if is_total(code) or is_total(label)]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class StatisticalTable:
    """Cells by a code of each dimension, in the order of the dimensions."""

    file: str
    dimensions: tuple[Dimension, ...]
    cells: Mapping[tuple[str, ...], Cell]
    title: str = ""
    source: str = ""
    unit: str = ""
    notes: tuple[str, ...] = field(default=())

    def find(self, kind: str) -> Dimension | None:
        return next((one for one in self.dimensions if one.means(kind)), None)

    def need(self, kind: str, words: str) -> Dimension:
        """A dimension that must be there."""
        found = self.find(kind)
        if found is None:
            named = ", ".join(one.label for one in self.dimensions)
            raise UserError(
                f"{self.file}: tabellen har ingen variabel för {words}. Den har {named}. Inget har sparats."
            )
        return found

    def place_of(self, dimension: Dimension) -> int:
        return self.dimensions.index(dimension)

    @property
    def has_noise(self) -> bool:
        """Whether the file says that its totals need not be the sum of their parts."""
        return any("Cell Key Method" in note or "slumpmässig osäkerhet" in note for note in self.notes)


def is_total(text: str) -> bool:
    """Whether a code or label stands for all: tot, TotSa, totalt ålder, 1+2."""
    folded = text.strip().casefold()
    return folded in _TOTALS or folded.startswith(("totsa", "totalt ", "samtliga "))


def reduced(
    table: StatisticalTable, wanted: Sequence[Dimension], chosen: Mapping[str, str]
) -> dict[tuple[str, ...], Cell]:
    """The cells by the wanted dimensions alone: of the others the chosen category, the only one or the total.

    Raises:
        UserError: a dimension has several categories and none for all, or the chosen one is not there.
    """
    rest = {
        table.place_of(one): _one_category(table, one, chosen)
        for one in table.dimensions
        if one not in wanted
    }
    places = [table.place_of(one) for one in wanted]
    return {
        tuple(key[place] for place in places): cell
        for key, cell in table.cells.items()
        if all(key[place] == code for place, code in rest.items())
    }


def _one_category(table: StatisticalTable, one: Dimension, chosen: Mapping[str, str]) -> str:
    asked = next((value for name, value in chosen.items() if name in _names(one)), None)
    if asked is not None:
        by_name = {name: code for code, label in one.categories.items() for name in (label, code)}
        folded = {name.casefold(): code for name, code in by_name.items()}
        if asked.casefold() in folded:
            return folded[asked.casefold()]
    elif len(one.categories) == 1:
        return next(iter(one.categories))
    elif (total := one.total_code()) is not None:
        return total
    offered = ", ".join(list(one.categories.values())[:12])
    raise UserError(
        f"{table.file}: variabeln {one.label} har flera värden och det framgår inte vilket som ska läsas. "
        f"Skriv {one.label}= och ett av: {offered}. Inget har sparats."
    )


def _names(one: Dimension) -> set[str]:
    return {one.code.casefold(), one.label.casefold()}


def keys_in_order(file: str, sizes: Sequence[int], given: int) -> None:
    """Stop a table whose number of cells is not what its dimensions say."""
    expected = prod(sizes)
    if expected > MOST_CELLS:
        raise UserError(
            f"{file}: tabellen har fler än {MOST_CELLS} celler. Hämta en mindre. Inget har sparats."
        )
    if expected != given:
        raise UserError(
            f"{file}: tabellen ska ha {expected} celler efter sina variabler men har {given}. "
            "Hämta filen på nytt. Inget har sparats."
        )


def figure(file: str, text: str, where: str) -> Cell:
    """A figure as producers write it, or the reason why there is none.

    Raises:
        UserError: it is neither; told by its place in the file.
    """
    plain = text.strip().strip('"').replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if plain in ("-", "–"):
        return Cell(0.0, "", where)  # nothing to report: the magnitude is nil
    if plain and not plain.strip("."):
        return Cell(None, SYMBOLS.get(plain, f"saknas i källan ({plain})"), where)
    if plain == "":
        return Cell(None, "tomt i källan", where)
    if not _NUMBER.fullmatch(plain):
        raise UserError(f"{file}, {where}: {text[:40]!r} är inget tal. Inget har sparats.")
    return Cell(float(plain.replace(",", ".").replace("−", "-")), "", where)
