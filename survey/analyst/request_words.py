"""The rows of a table that was asked for, as pages and files outside the bench print them: whole percent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.notice import file_suffix
from survey.processing.request_questions import Choices, Question
from survey.processing.table_requests import RequestEntry
from survey.publication import numbers
from survey.publication.content import HIDDEN
from survey.publication.downloads import tables
from survey.publication.wording import reason as reason_words

MODELS = {"odds_ratio_alone": "för sig", "odds_ratio": "med de andra"}
REFERENCE = "reference"
COLUMNS = ("group", "other_group", "figure", "n", "value", "lower", "upper", "released", "reason")


@dataclass(frozen=True)
class RequestedRow:
    """One figure in words."""

    group: str
    other_group: str
    figure: str  # which share, or which model
    n: str
    value: str
    lower: str
    upper: str
    reason: str
    survives: bool  # differs from everybody else when the whole table is tested together
    released: bool


def figures_of(rows: Iterable[Mapping[str, Any]], known: Choices, question: Question) -> list[RequestedRow]:
    """The rows as they may be printed."""
    return [_row(row, known, question) for row in rows]


def _row(row: Mapping[str, Any], known: Choices, question: Question) -> RequestedRow:
    statistic, by = str(row["statistic"]), question.table.by
    if statistic in MODELS:
        variable, _, category = str(row["category"]).partition("=")
        group, other = known.words.get(variable, variable), known.category(variable, category)
        shown = (_ratio(row["estimate"]), _ratio(row["lower"]), _ratio(row["upper"]))
        figure = MODELS[statistic]
        if row["other_category"] == REFERENCE and row["released"]:
            shown = ("1 (jämförs med)", "", "")
    else:
        group = known.category(by[0], str(row["category"]))
        other = known.category(by[1], str(row["other_category"])) if len(by) > 1 else ""
        convert = _plain if statistic == "mean" else _percent
        shown = (convert(row["estimate"]), convert(row["lower"]), convert(row["upper"]))
        figure = _figure(statistic, known, question)
    value, lower, upper = shown if row["released"] else (HIDDEN, "", "")
    n = HIDDEN if row["n"] is None or not row["released"] else numbers.number(row["n"])
    together = row.get("p_together")
    reason = reason_words(str(row["reason"])) if row["reason"] else ""
    survives = together is not None and together <= 0.05
    return RequestedRow(group, other, figure, n, value, lower, upper, reason, survives, bool(row["released"]))


def _figure(statistic: str, known: Choices, question: Question) -> str:
    if statistic in ("proportion", "mean"):
        return {"proportion": "andel", "mean": "medelvärde"}[statistic]
    return known.category(question.table.item, statistic.removeprefix("p"))


def _percent(value: float | None) -> str:
    return "" if value is None else numbers.percent(numbers.whole_percent(value))


def _ratio(value: float | None) -> str:
    return "" if value is None else numbers.number(value, 2)


def _plain(value: float | None) -> str:
    return "" if value is None else numbers.number(value, 1)


def as_csv(
    entry: RequestEntry, rows: Sequence[Mapping[str, Any]], known: Choices, *, synthetic: bool
) -> tuple[str, bytes]:
    """The name and content of a file of released rows."""
    printed = figures_of(rows, known, entry.question)
    frame = pd.DataFrame(
        [
            (
                one.group,
                one.other_group,
                one.figure,
                one.n,
                one.value,
                one.lower,
                one.upper,
                int(one.released),
                one.reason,
            )
            for one in printed
        ],
        columns=list(COLUMNS),
    )
    name = f"{entry.wave_code}-tabell-{entry.id}{file_suffix(synthetic)}.csv"
    return name, tables.as_csv(frame, ["notice", *COLUMNS], synthetic)
