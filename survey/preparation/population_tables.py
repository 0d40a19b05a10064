"""Official population out of a statistical table: its regions, sexes and ages to the survey's age groups."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from survey.errors import UserError
from survey.preparation.statistical_files.labels import SEXES, age_bounds
from survey.preparation.statistical_files.months import last_day
from survey.preparation.statistical_files.table import (
    AGE,
    CIVIL_STATUS,
    CONTENTS,
    REGION,
    SEX,
    TIME,
    Dimension,
    StatisticalTable,
    is_total,
    reduced,
)

OLDEST = 200
GENDER_OF = {"1": "man", "2": "woman"}
Cell = tuple[date, tuple[str, str, str]]
Counts = dict[tuple[str, str, str, str], float]  # municipality, sex, age class, time; codes of the file


@dataclass(frozen=True)
class PopulationTable:
    """Inhabitants by day and cell, and what a reader should know of the file."""

    cells: Mapping[Cell, int]
    remarks: tuple[str, ...]


def population_of(
    table: StatisticalTable, municipalities: Collection[str], age_groups: Mapping[str, tuple[int, int]]
) -> PopulationTable:
    """The population of the municipalities that we know, in the survey's age groups.

    Parts are added up as they stand in the file, also where they do not make up the file's own totals.
    """
    region = table.need(REGION, "kommun")
    age, sex = table.need(AGE, "ålder"), table.need(SEX, "kön")
    time = table.need(TIME, "tid")
    known = [code for code in region.categories if code in municipalities]
    _require_municipalities(table.file, region, known)
    counts = _counts(table, (region, sex, age, time), set(known))
    days = {code: _day(table.file, label) for code, label in time.categories.items()}
    cells: dict[Cell, int] = {}
    for group, bounds in age_groups.items():
        classes = _classes(table.file, age, group, bounds)
        for municipality in known:
            for sex_code, gender in _genders(table.file, sex).items():
                for when, day in days.items():
                    parts = [counts[municipality, sex_code, one, when] for one in classes]
                    cells[day, (municipality, gender, group)] = round(sum(parts))
    left_out = [code for code in region.categories if code not in municipalities and not _is_above(code)]
    return PopulationTable(cells, tuple(_remarks(table, age, sex, counts, left_out)))


def _counts(table: StatisticalTable, wanted: tuple[Dimension, ...], known: set[str]) -> Counts:
    status = table.find(CIVIL_STATUS)
    summed = [code for code in status.categories if not is_total(code)] if status else [""]
    if status is not None and (total := status.total_code()) is not None:
        summed = [total]
    counts: Counts = defaultdict(float)
    for one in summed:
        chosen = _contents(table) | ({status.code.casefold(): one} if status else {})
        for (municipality, *rest), cell in reduced(table, wanted, chosen).items():
            if municipality not in known:
                continue
            if cell.value is None or cell.value < 0 or cell.value != int(cell.value):
                raise UserError(
                    f"{table.file}, {cell.where}: folkmängden i {municipality} är inget antal personer"
                    f"{f' ({cell.note})' if cell.note else ''}. Inget har sparats."
                )
            sex, age, time = rest
            counts[municipality, sex, age, time] += cell.value
    return counts


def _contents(table: StatisticalTable) -> dict[str, str]:
    """Of several contents the one that is the population."""
    contents = table.find(CONTENTS)
    if contents is None:
        return {}
    named = [code for code, label in contents.categories.items() if label.casefold().startswith("folkmängd")]
    return {contents.code.casefold(): named[0]} if len(named) == 1 else {}


def _require_municipalities(file: str, region: Dimension, known: list[str]) -> None:
    if known:
        return
    if all(_is_above(code) for code in region.categories):
        raise UserError(
            f"{file}: tabellen gäller län eller riket. Befolkningen behövs för varje kommun. "
            "Inget har sparats."
        )
    raise UserError(
        f"{file}: ingen av tabellens {len(region.categories)} regioner är en inläst kommun. "
        "Hämta tabellen för kommuner, med kommunkod. Inget har sparats."
    )


def _is_above(code: str) -> bool:
    """Whether a code is a county's or the nation's."""
    return len(code) == 2 or code.startswith("SE")


def _genders(file: str, sex: Dimension) -> dict[str, str]:
    found = {
        code: GENDER_OF[SEXES.get(label.casefold(), code)]
        for code, label in sex.categories.items()
        if SEXES.get(label.casefold(), code) in GENDER_OF
    }
    if sorted(found.values()) != sorted(GENDER_OF.values()):
        raise UserError(
            f"{file}: variabeln {sex.label} ska ha män och kvinnor var för sig. Den har "
            f"{', '.join(sex.categories.values())}. Inget har sparats."
        )
    return found


def _classes(file: str, age: Dimension, group: str, bounds: tuple[int, int]) -> list[str]:
    """The classes of the file that make up an age group, without gap or overlap."""
    found = {code: age_bounds(code) or age_bounds(label) for code, label in age.categories.items()}
    inside = sorted(
        (low, high, code)
        for code, (low, high) in ((code, span) for code, span in found.items() if span)
        if high is not None and bounds[0] <= low and high <= bounds[1]
    )
    following = bounds[0]
    for low, high, _ in inside:
        if low != following:
            break
        following = high + 1
    if (
        following != bounds[1] + 1
        or sum(high - low + 1 for low, high, _ in inside) != bounds[1] - bounds[0] + 1
    ):
        raise UserError(
            f"{file}: åldersgruppen {group} går inte att lägga ihop av tabellens åldrar "
            f"({', '.join(list(age.categories.values())[:8])} …). Hämta tabellen med ettåriga åldrar. "
            "Inget har sparats."
        )
    return [code for _, _, code in inside]


def _day(file: str, label: str) -> date:
    try:
        return last_day(label)
    except ValueError:
        raise UserError(
            f"{file}: {label[:40]!r} är varken ett år eller en månad. Inget har sparats."
        ) from None


def _remarks(
    table: StatisticalTable, age: Dimension, sex: Dimension, counts: Counts, left_out: list[str]
) -> Iterator[str]:
    if left_out:
        yield (
            f"Regioner i filen som inte är inlästa kommuner har utelämnats: {len(left_out)} "
            f"({', '.join(left_out[:3])}{' …' if len(left_out) > 3 else ''})."
        )
    gaps = [*_gaps(counts, age, 2, _parts(age)), *_gaps(counts, sex, 1, set(_genders(table.file, sex)))]
    apart = [gap for gap in gaps if gap]
    if apart:
        yield (
            f"Filens egna totaler är inte summan av delarna i {len(apart)} av {len(gaps)} fall, som mest "
            f"{max(map(abs, apart)):.0f} personer. Inget är justerat: delarna är summerade som de står."
        )
    if table.has_noise:
        yield (
            "Källan lägger sedan referensåret 2025 en liten slumpmässig osäkerhet på varje uppgift. Därför "
            "behöver totaler inte vara lika med summan av delarna."
        )


def _parts(age: Dimension) -> set[str]:
    """The classes of age, unless some hold others."""
    spans = {code: age_bounds(code) or age_bounds(label) for code, label in age.categories.items()}
    ordered = sorted(
        (low, high if high is not None else OLDEST) for low, high in filter(None, spans.values())
    )
    if any(high >= low for (_, high), (low, _) in pairwise(ordered)):
        return set()
    return {code for code, span in spans.items() if span}


def _gaps(counts: Counts, dimension: Dimension, place: int, parts: set[str]) -> list[float]:
    """How far each total of a variable lies from the sum of its parts."""
    total = dimension.total_code()
    if total is None or not parts:
        return []
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    totals: dict[tuple[str, ...], float] = {}
    for key, count in counts.items():
        rest = (*key[:place], *key[place + 1 :])
        if key[place] == total:
            totals[rest] = count
        elif key[place] in parts:
            sums[rest] += count
    return [totals[rest] - sums[rest] for rest in totals]
