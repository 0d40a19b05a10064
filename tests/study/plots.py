"""The plots of the page: small SVG files, the same bytes from the same results, readable without colour."""

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.study.plan import SHAPES
from tests.study.tables import Table, Value

Tables = Mapping[str, Table]
NAMES = tuple(shape.name for shape in SHAPES)
STYLE = {
    "svg.hashsalt": "study",
    "svg.fonttype": "none",
    "font.size": 8,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    "lines.markersize": 3,
    "path.simplify": True,
}
NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
LINES = (("-", "o", "black"), ("--", "s", "0.35"), (":", "^", "0.35"), ("-.", "D", "0.6"))


def draw(tables: Tables, folder: Path) -> list[Path]:
    """Write every plot; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, plot in PLOTS.items():
        with mpl.rc_context(STYLE):
            figure = plot(tables)
            drawn = io.StringIO()
            figure.savefig(drawn, format="svg", metadata=NO_METADATA, bbox_inches="tight")
            path = folder / f"{name}.svg"
            path.write_text(small(drawn.getvalue()), encoding="utf-8")
        written.append(path)
    return written


def small(svg: str) -> str:
    """The same drawing without indentation, comments, names and digits nobody needs."""
    plain = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    plain = re.sub(r'<g id="[a-z0-9._]+">', "<g>", plain)
    plain = re.sub(r' transform="rotate\(-0 [^"]*"', "", plain)
    plain = re.sub(r"font-family: [^;\"]*sans-serif", "font-family: sans-serif", plain)
    plain = re.sub(r"-?\d+\.\d{3,}", lambda match: f"{float(match[0]):.1f}", plain)
    return re.sub(r"\s*\n\s*", "\n", plain)


def _numbers(values: Sequence[Value], scale: float = 100.0) -> list[float]:
    return [scale * float(value) if isinstance(value, (int, float)) else math.nan for value in values]


def _band(axes: Axes, low: float, high: float) -> None:
    """The target, as a grey band with its middle."""
    axes.axhspan(low, high, color="0.9", linewidth=0)
    axes.axhline((low + high) / 2, color="0.6", linewidth=0.5)


def _line(axes: Axes, x: Sequence[float], y: Sequence[float], number: int, label: str) -> None:
    style, marker, colour = LINES[number]
    axes.plot(x, y, linestyle=style, marker=marker, color=colour, label=label)


def _levels(axes: Axes, levels: Sequence[float]) -> None:
    axes.set_xscale("log")
    axes.set_xticks([0.5, 1, 2, 5, 10, 20, 50], ["0.5", "1", "2", "5", "10", "20", "50"])
    axes.minorticks_off()
    axes.set_xlim(min(levels) * 0.85, max(levels) * 1.15)
    axes.set_xlabel("true level, %")


def _coverage(tables: Tables) -> Figure:
    """Default by shape, and R's intervals over all shapes."""
    table = tables["coverage_by_level"]
    levels = _numbers(table.column("true level"))
    figure = Figure(figsize=(7.2, 2.7), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for number, name in enumerate(("one", "three", "unequal", "ten")):
        _line(left, levels, _numbers(table.column(name)), number, name)
    left.set_title("the default, by shape")
    methods = (("all: default", "default"), ("all: R logit", "R logit"), ("all: R Wald", "R Wald"))
    for number, (column, label) in enumerate((*methods, ("all: without the bound", "without the bound"))):
        _line(right, levels, _numbers(table.column(column)), number, label)
    right.set_title("all shapes, by method")
    for axes in (left, right):
        _band(axes, 93, 97)
        _levels(axes, levels)
        axes.set_ylim(60, 100)
        axes.legend(loc="lower right")
    left.set_ylabel("intervals that cover, %")
    return figure


def _counts(tables: Tables) -> Figure:
    """All domains by the count expected on the smaller side."""
    table = tables["coverage_by_count"]
    names = [str(name) for name in table.column("expected count")]
    figure = Figure(figsize=(7.2, 2.7), layout="constrained")
    places = list(range(len(names)))
    for axes, prefix in zip(figure.subplots(1, 2, sharey=True), ("", "unequal: "), strict=True):
        _band(axes, 93, 97)
        for number, method in enumerate(("default", "R logit", "R Wald", "without the bound")):
            _line(axes, places, _numbers(table.column(f"{prefix}{method}")), number, method)
        axes.set_xticks(places, [name.replace(" or more", "+") for name in names])
        axes.set_xlabel("expected count on the smaller side")
        axes.set_title("very unequal areas" if prefix else "the four other shapes")
        axes.set_ylim(60, 100)
    axes.legend(loc="lower right")
    figure.axes[0].set_ylabel("intervals that cover, %")
    return figure


def _size(tables: Tables) -> Figure:
    """How often a test of no change rejects, by level, default and R."""
    table = tables["size"]
    levels = _numbers(table.column("true level"))
    figure = Figure(figsize=(7.2, 2.3), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(NAMES), sharey=True), NAMES, strict=True):
        _band(axes, 3, 7)
        for number, (prefix, label) in enumerate((("", "default"), ("R: ", "R"))):
            _line(axes, levels, _numbers(table.column(f"{prefix}{name}")), number, label)
        axes.set_title(name)
        _levels(axes, levels)
        axes.set_xticks([1, 5, 20], ["1", "5", "20"])
        axes.set_ylim(0, 20)
    axes.legend(loc="upper right")
    figure.axes[0].set_ylabel("tests that reject, %")
    return figure


WORDS = (
    ("up", "0.15", ""),
    ("down", "0.75", "////"),
    ("unchanged", "0.5", ""),
    ("too_uncertain", "white", ""),
)


def _verdicts(tables: Tables) -> Figure:
    """What is said, by what truly happened, as stacked bars."""
    table = tables["verdicts"]
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    chosen = ("one", "three", "ten")
    for axes, name in zip(figure.subplots(1, len(chosen), sharey=True), chosen, strict=True):
        rows = [number for number, shape in enumerate(table.column("shape")) if shape == name]
        ends = zip(_numbers(table.column("before")), _numbers(table.column("after")), strict=True)
        labels = [f"{before:g} → {after:g} %" for before, after in ends]
        start = [0.0] * len(rows)
        for word, colour, hatch in WORDS:
            values = _numbers(table.column(word))
            ink = {"color": colour, "hatch": hatch, "edgecolor": "black", "linewidth": 0.4}
            axes.barh(-9, 1, label=word.replace("_", " "), **ink)  # for the legend, outside the axes
            for place, row in enumerate(rows):
                if values[row] > 0:
                    axes.barh(place, values[row], left=start[place], **ink)
                    start[place] += values[row]
        axes.set_ylim(len(rows) - 0.5, -0.5)
        for place, total in enumerate(start):
            if total == 0:
                axes.text(50, place, "seldom shown", ha="center", va="center", color="0.4", fontsize=6)
        axes.set_yticks(range(len(rows)), [labels[row] for row in rows])
        axes.set_title(name)
        axes.set_xlim(0, 100)
        axes.set_xlabel("% of figures shown")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _shown(tables: Tables) -> Figure:
    """How many figures the publication rule shows, and the mean of those over the truth."""
    table = tables["shown"]
    levels = _numbers(table.column("true level"))
    figure = Figure(figsize=(7.2, 2.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number, name in enumerate(("one", "three", "unequal", "ten")):
        _line(left, levels, _numbers(table.column(f"{name}: shown")), number, name)
        _line(right, levels, _numbers(table.column(f"{name}: mean/true"), 1.0), number, name)
    right.axhline(1.0, color="0.6", linewidth=0.5)
    left.set_ylabel("municipality totals shown, %")
    right.set_ylabel("mean of the shown / true level")
    left.legend(loc="lower right")
    for axes in (left, right):
        _levels(axes, levels)
    return figure


def _response(tables: Tables) -> Figure:
    """Coverage when who answers depends on the answer, against the number of answers."""
    table = tables["response"]
    figure = Figure(figsize=(7.2, 2.3), layout="constrained")
    left, right = figure.subplots(1, 2)
    says = {
        "register": "sex, age, area",
        "answer": "the answer too",
        "answer_later": "the answer too, in the second wave",
    }
    for number, (response, label) in enumerate(says.items()):
        rows = [place for place, name in enumerate(table.column("who answers")) if name == response]
        n = [_numbers(table.column("answered"), 1.0)[row] for row in rows]
        for axes, column in ((left, "coverage"), (right, "change test rejects")):
            _line(axes, n, [_numbers(table.column(column))[row] for row in rows], number, label)
    _band(left, 93, 97)
    _band(right, 3, 7)
    left.set_ylabel("intervals that cover, %")
    right.set_ylabel("tests of no change that reject, %")
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_xticks([150, 400, 1300], ["150", "400", "1 300"])
        axes.minorticks_off()
        axes.set_xlabel("answers")
        axes.set_ylim(bottom=0)
    right.legend(loc="upper left", title="answering depends on", fontsize=6, title_fontsize=6)
    return figure


PLOTS: dict[str, Callable[[Tables], Figure]] = {
    "coverage": _coverage,
    "counts": _counts,
    "size": _size,
    "verdicts": _verdicts,
    "shown": _shown,
    "response": _response,
}
