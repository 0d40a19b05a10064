"""The rows of a table that was asked for, in words, before and after its approval."""

from collections.abc import Iterable, Mapping
from typing import Any

from survey.models.table_request import RequestKind
from survey.processing.request_questions import Choices, Question

MODELS = {"odds_ratio_alone": "för sig", "odds_ratio": "med de andra"}
STATISTICS = {"proportion": "andel", "mean": "medelvärde"}
REFERENCE = "reference"
CERTAIN = 0.05  # p, all comparisons of the table corrected together
FIGURES = ("n", "estimate", "lower", "upper")


def headings(known: Choices, question: Question) -> list[str]:
    """What stands over the groups of a table: one or two words."""
    if question.kind is RequestKind.REGRESSION:
        return ["Uppdelning", "Grupp"]
    return [known.words.get(name, name) for name in question.table.by]


def worded(
    rows: Iterable[Mapping[str, Any]],
    known: Choices,
    question: Question,
) -> list[dict[str, Any]]:
    """Rows with their groups and figures in words."""
    return [_worded(row, known, question) for row in rows]


def _worded(row: Mapping[str, Any], known: Choices, question: Question) -> dict[str, Any]:
    statistic = str(row["statistic"])
    groups = _groups(row, known, question)
    found = {
        "group": groups[0],
        "other_group": groups[1],
        "figure": MODELS.get(statistic) or STATISTICS.get(statistic) or _answer(statistic, known, question),
        "statistic": statistic,
        "compared_with": statistic in MODELS and row["other_category"] == REFERENCE,
        "survives": row.get("p_together") is not None and row["p_together"] <= CERTAIN,
        "released": bool(row["released"]),
        "reason": str(row["reason"] or ""),
    }
    return {**found, **{name: row[name] if row["released"] else None for name in FIGURES}}


def _groups(row: Mapping[str, Any], known: Choices, question: Question) -> tuple[str, str]:
    if row["statistic"] in MODELS:
        variable, _, category = str(row["category"]).partition("=")
        return known.words.get(variable, variable), known.category(variable, category)
    by = question.table.by
    other = known.category(by[1], str(row["other_category"])) if len(by) > 1 else ""
    return known.category(by[0], str(row["category"])), other


def _answer(statistic: str, known: Choices, question: Question) -> str:
    return known.category(question.table.item, statistic.removeprefix("p"))
