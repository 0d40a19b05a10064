"""A sampling plan as a table on the terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from survey.cli.console import number

if TYPE_CHECKING:
    from survey.preparation.earlier_waves import Overlap
    from survey.processing.planning import Outlook, Unit

HEADING = ("", "Bor", "Dras", "Svar", "± vid 50 %", "± vid 20 %", "Syns från 50 %", "Syns från 20 %")
WIDTHS = (34, 9, 8, 8, 11, 11, 15, 15)


def plan_lines(outlook: "Outlook") -> Iterator[str]:
    """The plan in words, a row for each place, and how many may be drawn again."""
    yield f"{outlook.words}."
    yield (
        f"Svarsfrekvens och vikter som i {outlook.based_on}."
        if outlook.based_on
        else f"Ingen tidigare omgång: svarsfrekvensen antas vara {outlook.plan.expected_rate:.0%}."
    )
    yield _line(HEADING)
    for unit in outlook.units:
        yield _line(_cells(unit))
    yield "± är felmarginalen i procentenheter. Syns: så stor förändring upptäcks fyra gånger av fem."
    for overlap in outlook.overlaps:
        yield overlap_line(overlap)


def overlap_line(overlap: "Overlap") -> str:
    """How many may be drawn again."""
    if overlap.persons is None or overlap.share is None:
        return f"Samma slumpfrö som i {overlap.wave}: till stor del samma personer dras igen."
    return (
        f"Väntas dras igen efter {overlap.wave}: högst {number(round(overlap.persons))} "
        f"({_percent(overlap.share)} procent av urvalet)."
    )


def _cells(unit: "Unit") -> tuple[str, ...]:
    half, fifth = unit.prospect.by_proportion[0.5], unit.prospect.by_proportion[0.2]
    indent = "  " if unit.kind == "area" else ""
    name = f"{indent}{unit.name}" if unit.kind == "region" else f"{indent}{unit.code} {unit.name}"
    return (
        name[: WIDTHS[0]],
        number(unit.prospect.population),
        number(unit.prospect.sampled),
        number(round(unit.prospect.answers)),
        *(_percent(share) for share in (half.margin, fifth.margin)),
        *(_percent(share) for share in (half.detectable_change, fifth.detectable_change)),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".replace(".", ",")


def _line(cells: tuple[str, ...]) -> str:
    first, *rest = zip(cells, WIDTHS, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{text:>{width}}" for text, width in rest)
