"""Files of series: our own columns, or a table of official statistics, as values by place and period."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.followup.places import LEVEL_WORDS, Level
from survey.followup.series.periods import KIND_WORDS, Period, parse
from survey.followup.series.place_codes import PlaceCodes
from survey.models.source import PeriodKind
from survey.preparation.csv_files import Row, every_row, rows_in
from survey.preparation.statistical_files.reading import read_table
from survey.preparation.statistical_files.table import (
    REGION,
    TIME,
    Cell,
    Dimension,
    StatisticalTable,
    reduced,
)

FIELD = "fil"
COLUMNS = ("level", "code", "period", "value", "note")
LONGEST_NOTE = 200
LEVELS = list(Level)
MOST_VALUES = 100_000
SMALLEST, LARGEST = 1e-6, 1e12  # what a scale and a table can show
Where = tuple[Level, str]
Key = tuple[Level, str, str]  # level, code, period


@dataclass(frozen=True)
class SeriesFile:
    """The values of a file, and what it says of itself."""

    values: Mapping[Key, tuple[float | None, str]]
    kind: PeriodKind
    remarks: tuple[str, ...] = ()
    title: str = ""
    source: str = ""
    unit: str = ""


def read_series(
    session: Session, file: str, content: bytes, chosen: Mapping[str, str], about: Where | None = None
) -> SeriesFile:
    """The series of a file.

    `chosen` names a category of variables other than place and time; `about` is the place of a table that has
    no variable for it.
    """
    places = PlaceCodes.of(session)
    if _has_our_columns(content):
        return _own(file, content, places)
    return _from_table(read_table(file, content), places, chosen, about)


def _has_our_columns(content: bytes) -> bool:
    first = content.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return all(column.encode() in first for column in ("level", "period", "value"))


def _own(file: str, content: bytes, places: PlaceCodes) -> SeriesFile:
    seen: dict[Key, int] = {}
    kinds: dict[PeriodKind, int] = {}

    def take(row: Row) -> tuple[Key, tuple[float | None, str]]:
        level = Level(row.choice("level", LEVELS))
        code = row.text("code", 16)
        if (level, code) not in places:
            raise row.error("code", f"en inläst plats på nivån {LEVEL_WORDS[level]}")
        period = row.convert("period", parse, "en månad (2026-03), ett kvartal, ett tertial eller ett år")
        kinds.setdefault(period.kind, row.line)
        if len(kinds) > 1:
            raise row.error("period", f"{KIND_WORDS[next(iter(kinds))]}, som på rad {min(kinds.values())}")
        key = (level, code, period.code)
        if seen.setdefault(key, row.line) != row.line:
            raise row.error("period", f"en period som inte redan står för platsen på rad {seen[key]}")
        return key, _own_value(row)

    values = dict(every_row(FIELD, rows_in(file, content, COLUMNS), take))
    _require_bounds(file, values)
    return SeriesFile(values, next(iter(kinds)))


def _own_value(row: Row) -> tuple[float | None, str]:
    note = row.values["note"]
    if len(note) > LONGEST_NOTE or not note.isprintable():
        raise row.error("note", f"högst {LONGEST_NOTE} tecken, inga styrtecken")
    if not row.values["value"]:
        if not note:
            raise row.error("note", "skälet till att värdet saknas")
        return None, note
    value = row.convert("value", _number, "ett tal, eller tomt med ett skäl i note")
    return value, note


def _number(text: str) -> float:
    plain = text.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if not plain.isascii() or not isfinite(float(plain)):
        raise ValueError(text)
    return float(plain)


def _from_table(
    table: StatisticalTable, places: PlaceCodes, chosen: Mapping[str, str], about: Where | None
) -> SeriesFile:
    time = table.need(TIME, "tid")
    region = table.find(REGION)
    if region is None and about is None:
        raise UserError(
            f"{table.file}: tabellen har ingen variabel för plats. Skriv vilken plats den gäller. "
            "Inget har sparats."
        )
    wanted = (time,) if region is None else (region, time)
    known = {"": about} if region is None else places.of_dimension(region)
    periods = {code: _period(table.file, code, label) for code, label in time.categories.items()}
    cells = reduced(table, wanted, {name.casefold(): value for name, value in chosen.items()})
    values = dict(_values(cells, known, periods))
    _require_some(table.file, region, values)
    _require_bounds(table.file, values)
    kinds = {period.kind for period in periods.values()}
    if len(kinds) > 1:
        raise UserError(f"{table.file}: tabellen blandar perioder av olika längd. Inget har sparats.")
    return SeriesFile(
        values,
        kinds.pop(),
        tuple(_remarks(table, region, known)),
        table.title,
        table.source,
        table.unit,
    )


def _values(
    cells: Mapping[tuple[str, ...], Cell], known: Mapping[str, Where | None], periods: Mapping[str, Period]
) -> Iterator[tuple[Key, tuple[float | None, str]]]:
    for key, cell in cells.items():
        where = known.get(key[0] if len(key) > 1 else "")
        if where is not None:
            note = "".join(one for one in cell.note if one.isprintable())[:LONGEST_NOTE]
            yield (*where, periods[key[-1]].code), (cell.value, note)


def _period(file: str, code: str, label: str) -> Period:
    for written in (code, label):
        try:
            return parse(written)
        except ValueError:
            continue
    raise UserError(f"{file}: {label[:40]!r} är varken månad, kvartal, tertial eller år. Inget har sparats.")


def _require_some(file: str, region: Dimension | None, values: Mapping[Key, object]) -> None:
    if values:
        return
    if region is None:
        raise UserError(f"{file}: tabellen har inga värden. Inget har sparats.")
    first = ", ".join(list(region.categories)[:3])
    raise UserError(
        f"{file}: ingen av tabellens {len(region.categories)} platser är inläst (den första: {first}). "
        "Platsen ska ha kommunkod, eller koden för ett lokalpolisområde, polisområde eller en region. "
        "Inget har sparats."
    )


def _require_bounds(file: str, values: Mapping[Key, tuple[float | None, str]]) -> None:
    """No more values than there is room for, and none too large or too small to be drawn."""
    if len(values) > MOST_VALUES:
        raise UserError(f"{file}: fler än {MOST_VALUES} värden. Dela filen. Inget har sparats.")
    stray = next((one for one, _ in values.values() if one and not SMALLEST <= abs(one) <= LARGEST), None)
    if stray is not None:
        raise UserError(
            f"{file}: värdet {stray:g} går inte att visa. Ange serien i en annan enhet, så att varje värde "
            f"ligger mellan {SMALLEST:g} och {LARGEST:g}, eller är noll. Inget har sparats."
        )


def _remarks(
    table: StatisticalTable, region: Dimension | None, known: Mapping[str, Where | None]
) -> Iterator[str]:
    left_out: Sequence[str] = (
        [] if region is None else [code for code in region.categories if code not in known]
    )
    if left_out:
        shown = ", ".join(left_out[:3]) + (" …" if len(left_out) > 3 else "")
        yield f"Platser i filen som inte är inlästa har utelämnats: {len(left_out)} ({shown})."
    if table.has_noise:
        yield (
            "Källan lägger en liten slumpmässig osäkerhet på varje uppgift. Därför behöver totaler inte vara "
            "lika med summan av delarna. Inget är justerat."
        )
