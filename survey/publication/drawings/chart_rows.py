"""A chart of rows: a label, marks on a scale and a figure at the right, with nothing about ink."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

from survey.publication.content import Figure, MunicipalityReport
from survey.publication.drawings.axes import Axis
from survey.publication.drawings.drawing import WIDTH, Drawing
from survey.publication.speech import say

LABELS = 168.0  # width of the row labels
VALUES = 106.0  # width of the column of figures at the right
ROW = 18.0
TOP = 8.0
KEYS = 20.0  # height of the line that explains the marks
FOOT = 22.0
LETTER = 6.1  # about the width of a letter, to place one explanation after the other
LONGEST = 24.0  # letters of a row's name that have room, a narrow one counted as less
NARROW, NARROW_LETTER = frozenset("fijlrtI |.,:;'()-"), 0.6
ALT_LIMIT = 300
TABLE_HINT = "Alla värden finns i tabellen."

PLOT = (LABELS, WIDTH - VALUES)
T = TypeVar("T")


@dataclass(frozen=True)
class Mark:
    """A dot or bar with its interval; `kind` says what it stands for."""

    kind: str  # now before woman man bar better worse open
    x: float
    y: float
    x_from: float  # the interval; equal when it is not drawn
    x_to: float
    origin: float = 0.0  # where a bar begins


@dataclass(frozen=True)
class Label:
    """A text on the chart."""

    kind: str  # row value strong better worse key
    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True)
class Tick:
    """A vertical line of the scale with its number."""

    x: float
    text: str
    strong: bool = False


@dataclass(frozen=True)
class Chart(Drawing):
    """A chart ready to be drawn."""

    top: float
    bottom: float
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class Frame:
    """The words round a chart."""

    title: str
    subtitle: str
    alt: str
    keys: tuple[tuple[str, str], ...]  # kind of mark and what it means


def draw_rows(
    report: MunicipalityReport,
    groups: Sequence[tuple[str, T]],
    axis: Axis,
    marks: Callable[[T, float], list[Mark]],
    value: Callable[[T], tuple[str, str]],
    frame: Frame,
    row: float = ROW,
    answers: bool = True,
) -> Chart:
    """A chart of rows out of a report, which says where the figures are from."""
    asked = f"{say('%(count)s svar.', count=report.response.total.responded)} " if answers else ""
    source = f"{asked}{source_line(report)}"
    return lay_rows(groups, axis, marks, value, frame, row, notice=report.notice, source=source)


def source_line(report: MunicipalityReport) -> str:
    """Where the figures of a drawing are from."""
    return say(
        "Källa: %(wave)s, %(place)s, utgåva %(version)s.",
        wave=report.wave.title,
        place=report.municipality,
        version=report.release.version,
    )


def lay_rows(
    groups: Sequence[tuple[str, T]],
    axis: Axis,
    marks: Callable[[T, float], list[Mark]],
    value: Callable[[T], tuple[str, str]],
    frame: Frame,
    row: float = ROW,
    *,
    notice: str,
    source: str,
) -> Chart:
    """One row per group: its label, its marks, and a figure (kind and text) at the right."""
    drawn, labels = _keys(frame.keys)
    top = TOP + (KEYS if frame.keys else 0.0)
    for position, (label, group) in enumerate(groups):
        y = top + row * (position + 0.5)
        labels.append(Label("row", LABELS - 12, y, "end", fitting(label)))
        kind, text = value(group)
        labels.append(Label(kind, WIDTH, y, "end", text))
        drawn += marks(group, y)
    bottom = top + row * len(groups)
    steps = axis.steps if groups else ()
    return Chart(
        title=frame.title,
        subtitle=frame.subtitle,
        alt=f"{notice + '. ' if notice else ''}{frame.alt} {say(TABLE_HINT)}"[:ALT_LIMIT],
        source=source,
        notice=notice,
        width=WIDTH,
        height=bottom + FOOT,
        top=top,
        bottom=bottom,
        ticks=tuple(Tick(axis.place(step), axis.text(step), step == 0) for step in steps),
        marks=tuple(drawn),
        labels=tuple(labels),
    )


def fitting(label: str) -> str:
    """The name of a row as far as it has room."""
    widths = accumulate(NARROW_LETTER if letter in NARROW else 1.0 for letter in label)
    room = sum(width <= LONGEST for width in widths)
    return shortened(label, max(room, 1)) if room < len(label) else label


def shortened(text: str, letters: int) -> str:
    """A name that fits; the table beside has it whole."""
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def _keys(keys: Sequence[tuple[str, str]]) -> tuple[list[Mark], list[Label]]:
    """The line on top that says what the marks mean."""
    marks: list[Mark] = []
    labels: list[Label] = []
    x, y = LABELS + 5, TOP + KEYS / 2 - 4
    for kind, text in keys:
        marks.append(Mark(kind, x, y, x, x))
        labels.append(Label("key", x + 9, y, "start", text))
        x = round(x + 9 + len(text) * LETTER + 22, 1)
    return marks, labels


def dot(kind: str, figure: Figure, axis: Axis, y: float) -> list[Mark]:
    """A figure as a dot with its interval; a hidden one is not drawn."""
    if figure.value is None:
        return []
    low, high = axis.place(float(figure.lower or 0)), axis.place(float(figure.upper or 0))
    return [Mark(kind, axis.place(float(figure.value)), y, low, high)]


def bar(figure: Figure, axis: Axis, y: float) -> list[Mark]:
    """A figure as a bar from zero with its interval."""
    start = axis.place(0.0)
    return [Mark("bar", end.x, end.y, end.x_from, end.x_to, start) for end in dot("bar", figure, axis, y)]
