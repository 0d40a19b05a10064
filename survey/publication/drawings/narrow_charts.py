"""The same chart for a phone: name and figure of a row above its marks, on a scale as wide as the page."""

from collections.abc import Sequence
from dataclasses import replace

from survey.publication.drawings.chart_rows import FOOT, PLOT, TOP, Chart, Label, Mark, shortened
from survey.publication.drawings.drawing import PHONE

EDGE = 14.0  # the scale begins and ends so far from the edges: its numbers need room
LINE = 17.0  # a line of the keys
HEAD = 11.0  # from the top of a row to its words
BELOW = 26.0  # from the top of a row to its marks
ROW = 40.0
LETTERS = 34  # so many of a row's name have room beside its figure


def narrow(chart: Chart) -> Chart:
    """A chart of rows as wide as a phone, with the same figures and words."""
    keys = [label for label in chart.labels if label.kind == "key"]
    key_marks = [mark for mark in chart.marks if mark.y < chart.top]
    rows = [label for label in chart.labels if label.kind == "row"]
    top = TOP + LINE * len(keys) + (6 if keys else 0)
    bottom = top + ROW * len(rows)
    values = [label for label in chart.labels if label.kind not in ("row", "key")]
    return replace(
        chart,
        width=PHONE,
        height=bottom + FOOT,
        top=top,
        bottom=bottom,
        ticks=tuple(replace(tick, x=_across(tick.x)) for tick in chart.ticks),
        marks=(
            *(_key_mark(mark, number) for number, mark in enumerate(key_marks)),
            *(_moved(mark, rows, top) for mark in chart.marks if mark.y >= chart.top),
        ),
        labels=(
            *(replace(key, x=EDGE + 10, y=TOP + LINE * (number + 0.5)) for number, key in enumerate(keys)),
            *(_words(label, number, top) for number, label in enumerate(rows)),
            *(_words(label, number, top) for number, label in enumerate(values)),
        ),
    )


def _words(label: Label, number: int, top: float) -> Label:
    """The name of a row at the left, its figure at the right, both above the marks."""
    y = top + ROW * number + HEAD
    if label.kind != "row":
        return replace(label, x=PHONE - EDGE, y=y)
    return replace(label, x=EDGE + 4, y=y, anchor="start", text=shortened(label.text, LETTERS))


def _moved(mark: Mark, rows: Sequence[Label], top: float) -> Mark:
    number = min(range(len(rows)), key=lambda at: abs(rows[at].y - mark.y))
    y = round(top + ROW * number + BELOW + mark.y - rows[number].y, 1)
    return Mark(
        mark.kind,
        _across(mark.x),
        y,
        _across(mark.x_from),
        _across(mark.x_to),
        _across(mark.origin) if mark.origin else 0.0,
    )


def _key_mark(mark: Mark, number: int) -> Mark:
    return replace(mark, x=EDGE, x_from=EDGE, x_to=EDGE, y=TOP + LINE * (number + 0.5))


def _across(x: float) -> float:
    left, right = PLOT
    return round(EDGE + (x - left) / (right - left) * (PHONE - 2 * EDGE), 1)
