"""What a sheet is, and a released figure or change as typed cells: the same in every workbook."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from survey.publication.content import HIDDEN, ChangeFigure, Figure
from survey.publication.downloads import dictionary

Cell = str | int | float | date | None


class Kind(StrEnum):
    """What the cells of a column hold; a figure that is not shown is a text in any of them."""

    TEXT = "text"
    SHARE = "share"  # 0 to 1, shown as whole percent
    POINTS = "points"  # percentage points
    COUNT = "count"
    NUMBER = "number"  # in full precision


@dataclass(frozen=True)
class Column:
    label: str
    kind: Kind = Kind.TEXT
    width: float = 12.0
    note: str = ""  # what the header cell tells whoever points at it


@dataclass(frozen=True)
class Sheet:
    """A title, a line on what stands below, and rows under their columns."""

    name: str
    title: str
    intro: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    fixed: int = 1  # columns that stay in sight


NO_EARLIER = "ingen tidigare mätning"
NOT_SHOWN = "visas inte"
REASON_NOTE = "Visas talet inte står skälet här i stället, och två punkter (..) i cellerna bredvid."
TONES = {"better": "bättre", "worse": "sämre", "": ""}
CHANGE_COLUMNS = (
    Column("Förändring", Kind.POINTS, 16, f"Procentenheter, räknade på oavrundade tal. {REASON_NOTE}"),
    Column("Förändring, nedre gräns", Kind.POINTS, 12),
    Column("Förändring, övre gräns", Kind.POINTS, 12),
    Column("Utfall", width=50, note="Vad som kan sägas om förändringen efter statistisk prövning."),
    Column("Bättre eller sämre", width=13, note="Bara för en säkerställd förändring."),
    Column(
        "Minsta synliga förändring", Kind.POINTS, 14, dictionary.PUBLIC_MEANINGS["detectable_points"].text
    ),
)


def share_columns(when: str) -> tuple[Column, ...]:
    """A share with its interval and answers; `when` or where it is from stands in every header."""
    return (
        Column(f"Andel {when}", Kind.SHARE, 16, REASON_NOTE),
        Column(f"Nedre gräns {when}", Kind.SHARE, 9),
        Column(f"Övre gräns {when}", Kind.SHARE, 9),
        Column(f"Antal svar {when}", Kind.COUNT, 9),
    )


def share_cells(figure: Figure, otherwise: str = NOT_SHOWN) -> tuple[Cell, ...]:
    """The share as a number, or why there is none."""
    if figure.value is None or figure.lower is None or figure.upper is None:
        return figure.note or otherwise, HIDDEN, HIDDEN, HIDDEN
    n = HIDDEN if figure.answers is None else figure.answers
    return figure.value / 100, figure.lower / 100, figure.upper / 100, n


def change_cells(change: ChangeFigure) -> tuple[Cell, ...]:
    """The change as a number with its verdict in words, or why there is none."""
    if change.value is None or change.lower is None or change.upper is None:
        why = change.note or (NOT_SHOWN if change.text else NO_EARLIER)
        return why, HIDDEN, HIDDEN, dictionary.VERDICTS.get(change.verdict, ""), "", HIDDEN
    seen = HIDDEN if change.detectable_points is None else change.detectable_points
    return (
        change.value,
        change.lower,
        change.upper,
        dictionary.VERDICTS[change.verdict],
        TONES[change.tone],
        seen,
    )
