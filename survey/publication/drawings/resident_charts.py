"""Charts for a telephone: the label above its bar, so that the text stays large on a narrow page."""

import random
from collections.abc import Sequence
from functools import cache
from math import sqrt

from survey.publication import numbers
from survey.publication.content import Figure
from survey.publication.drawings.axes import Axis, share_axis
from survey.publication.drawings.chart_rows import Chart, Label, Mark, Tick, bar

WIDTH, MARGIN = 280.0, 10.0
PLOT = (MARGIN, WIDTH - MARGIN)
ROW, LETTERS, FOOT = 36.0, 12.0, 20.0

# The example of the article on the method, which says that it is made up.
TRUTH, ASKED, TIMES, SPREAD = 0.30, 400, 20, 1.96
SEED = 2  # one line misses, as one in twenty should


def measure_chart(rows: Sequence[tuple[str, Figure]], title: str, alt: str) -> Chart:
    """One bar with its interval for each group that is shown; labels come in the reader's language."""
    shown = [(label, figure) for label, figure in rows if figure.shown]
    axis = share_axis([figure for _, figure in shown], PLOT)
    labels: list[Label] = []
    marks: list[Mark] = []
    for position, (label, figure) in enumerate(shown):
        top = ROW * position
        labels.append(Label("row", MARGIN + 4, top + LETTERS - 2, "start", label))
        value = f"{figure.value} ({figure.interval})"
        labels.append(Label("strong", WIDTH - MARGIN, top + LETTERS - 2, "end", value))
        marks += bar(figure, axis, top + LETTERS + 13)
    return _chart(title, alt, ROW * len(shown), _ticks(axis), marks, labels)


def uncertainty_chart(title: str, alt: str) -> Chart:
    """The intervals of twenty made-up surveys round a share that is known; diamonds miss it."""
    axis = Axis(0.2, 0.4, PLOT, (20, 25, 30, 35, 40))
    marks = [
        Mark(
            "now" if covers else "worse",
            axis.place(share),
            8 + 11.0 * number,
            axis.place(share - reach),
            axis.place(share + reach),
        )
        for number, (share, reach, covers) in enumerate(surveys())
    ]
    ticks = [Tick(axis.place(step / 100), str(step), step / 100 == TRUTH) for step in axis.steps]
    return _chart(title, alt, 16 + 11.0 * TIMES, ticks, marks, [])


@cache
def surveys() -> tuple[tuple[float, float, bool], ...]:
    """Share, reach of the interval, and whether it covers the truth, in each of the made-up surveys."""
    drawing = random.Random(SEED)  # noqa: S311 - a picture, no secret
    found = []
    for _ in range(TIMES):
        share = sum(drawing.random() < TRUTH for _ in range(ASKED)) / ASKED
        reach = SPREAD * sqrt(share * (1 - share) / ASKED)
        found.append((share, reach, abs(share - TRUTH) <= reach))
    return tuple(found)


def _ticks(axis: Axis) -> list[Tick]:
    return [Tick(axis.place(step), numbers.number(step), step == 0) for step in axis.steps]


def _chart(
    title: str,
    alt: str,
    bottom: float,
    ticks: Sequence[Tick],
    marks: Sequence[Mark],
    labels: Sequence[Label],
) -> Chart:
    return Chart(
        title=title,
        subtitle="",
        alt=alt,
        source="",
        notice="",
        width=WIDTH,
        height=bottom + FOOT,
        top=0.0,
        bottom=bottom,
        ticks=tuple(ticks),
        marks=tuple(marks),
        labels=tuple(labels),
    )
