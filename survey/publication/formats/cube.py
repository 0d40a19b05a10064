"""Released estimates as a cube: wave × place × gender × age × measure, with one content for each figure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.publication import catalogue, wording
from survey.publication.downloads import dictionary
from survey.publication.extract_columns import Value, column_types
from survey.publication.extracts import Extract, Viewer, read_extract
from survey.publication.released import ALL
from survey.publication.releases import NotReleased, ReleasedWave
from survey.publication.results import KEYS

MOST_CELLS = 3_000_000
DECIMALS = 4
GENDERS = {ALL: "alla", **{code: wording.lower(words) for code, words in wording.GENDERS.items()}}
NO_FIGURES = (*KEYS, "released", "reason")
STATISTICS = {"mean": "medelvärde"}
Position = tuple[int, ...]
Key = tuple[str, ...]


class TooManyCells(UserError):
    """The cube that is asked for is larger than any system opens with ease."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"Tabellen skulle få {size} celler. Högst {MOST_CELLS} går. Fråga efter färre mått eller platser."
        )


@dataclass(frozen=True)
class Dimension:
    """A way to divide the figures: its categories by code, with labels that differ."""

    code: str
    label: str
    categories: Mapping[str, str]
    total: str = ""  # the code that stands for all


@dataclass(frozen=True)
class Content:
    """A figure of every cell."""

    code: str
    label: str
    unit: str
    decimals: int  # to show; the figures have all they were released with


@dataclass(frozen=True)
class Cell:
    """The figures of a cell in the order of the contents, and why they are hidden or to be read with care."""

    figures: tuple[float | None, ...]
    reason: str


@dataclass(frozen=True)
class Cube:
    """Cells by their position; a combination that nobody asked about has none."""

    title: str
    dimensions: tuple[Dimension, ...]
    contents: tuple[Content, ...]
    cells: Mapping[Position, Cell]
    releases: tuple[ReleasedWave, ...]

    @property
    def synthetic(self) -> bool:
        return any(one.synthetic for one in self.releases)

    @property
    def updated(self) -> str:
        return max(one.released_on for one in self.releases).isoformat()

    @property
    def size(self) -> tuple[int, ...]:
        return tuple(len(one.categories) for one in self.dimensions)


def read_cube(session: Session, viewer: Viewer, filters: Mapping[str, Sequence[str]]) -> Cube:
    """The estimates that the filters leave.

    Raises:
        NotReleased: nothing is left that the reader may see.
        TooManyCells: the cube would be too large.
    """
    found = read_extract(session, viewer, "estimates", filters)
    if not found.rows:
        raise NotReleased("Det finns inga frisläppta tal för det som efterfrågas.")
    cells = dict(_cells(found))
    dimensions = _dimensions(session, viewer, found, cells)
    contents = _contents(found)
    _require_small(dimensions, contents)
    places = [{code: at for at, code in enumerate(one.categories)} for one in dimensions]
    placed = {
        tuple(at[code] for at, code in zip(places, key, strict=True)): cell for key, cell in cells.items()
    }
    titles = ", ".join(one.title for one in found.releases[::-1])
    title = f"{titles}: resultat efter mätning, plats, kön, ålder och mått"
    return Cube(title, dimensions, contents, placed, found.releases)


def measure_code(indicator: str, statistic: str) -> str:
    """The code of a measure: an indicator's share by its name alone."""
    return indicator if statistic == "proportion" else f"{indicator}.{statistic}"


def _cells(found: Extract) -> Iterator[tuple[Key, Cell]]:
    at = {name: place for place, name in enumerate(found.columns)}
    figures = [at[name] for name in found.columns if name not in NO_FIGURES]
    for row in found.rows:
        measure = measure_code(str(row[at["indicator"]]), str(row[at["statistic"]]))
        keys = [str(row[at[name]]) for name in ("wave", "code", "gender", "age_group")]
        values = tuple(_number(row[place]) for place in figures)
        yield (*keys, measure), Cell(values, str(row[at["reason"]]))


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) else None


def _contents(found: Extract) -> tuple[Content, ...]:
    meanings = {**dictionary.KEYS, **dictionary.ESTIMATE_MEANINGS, **dictionary.PUBLIC_MEANINGS}
    types = column_types("estimates")
    return tuple(
        Content(name, meanings[name].text, meanings[name].unit, 0 if types[name] is int else DECIMALS)
        for name in found.columns
        if name not in NO_FIGURES
    )


def _dimensions(
    session: Session, viewer: Viewer, found: Extract, cells: Mapping[Key, Cell]
) -> tuple[Dimension, ...]:
    waves, codes, genders, ages, measures = ({key[part] for key in cells} for part in range(5))
    titles = {one.code: one.title for one in found.releases[::-1]}
    asked = {"wave": list(titles)}
    places = {str(row[1]): str(row[2]) for row in catalogue.list_places(session, viewer, asked).rows}
    words = {one.id: one.label for one in catalogue.measures_of(session, viewer, found.releases)}
    by_library = {code: place for place, code in enumerate(words)}
    total_first = sorted(ages, key=lambda age: (age != ALL, age))
    return (
        Dimension("wave", "mätning", _labelled(_in_order(titles, waves), titles)),
        Dimension("place", "plats", _labelled(_in_order(places, codes), places), ALL),
        Dimension("gender", "kön", _labelled(_in_order(GENDERS, genders), GENDERS), ALL),
        Dimension("age_group", "ålder", {age: _age(age) for age in total_first}, ALL),
        Dimension("measure", "mått", _labelled(sorted(measures, key=lambda m: _order(m, by_library)), words)),
    )


def _in_order(known: Iterable[str], used: Collection[str]) -> list[str]:
    """The codes that are used, those that have no place of their own last."""
    first = [code for code in known if code in used]
    return [*first, *sorted(set(used) - set(first))]


def _order(measure: str, by_library: Mapping[str, int]) -> tuple[int, str]:
    return by_library.get(measure.partition(".")[0], len(by_library)), measure


def _labelled(codes: Sequence[str], words: Mapping[str, str]) -> dict[str, str]:
    return distinct({code: _words(code, words) for code in codes})


def distinct(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels that differ: PX tells categories apart by them."""
    seen = Counter(labels.values())
    return {code: label if seen[label] == 1 else f"{label} ({code})" for code, label in labels.items()}


def _words(code: str, words: Mapping[str, str]) -> str:
    if code in words:
        return words[code]
    name, _, statistic = code.rpartition(".")
    told = STATISTICS.get(statistic, f"svarsalternativ {statistic.removeprefix('p')}")
    return f"{words[name]}, {told}" if name in words else code


def _age(age_group: str) -> str:
    return "alla åldrar" if age_group == ALL else f"{age_group.replace('-', '–')} år"


def _require_small(dimensions: Sequence[Dimension], contents: Sequence[Content]) -> None:
    size = len(contents)
    for one in dimensions:
        size *= len(one.categories)
    if size > MOST_CELLS:
        raise TooManyCells(size)
