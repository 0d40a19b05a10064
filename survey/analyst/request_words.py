"""The rows of a table that was asked for, as the analyst's pages and files print them: whole percent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from survey.notice import file_suffix
from survey.processing.request_questions import Choices, Question
from survey.processing.table_requests import RequestEntry
from survey.publication.downloads.approved_files import csv_of
from survey.publication.printed_tables import CERTAIN, MODEL_WORDS, PrintedRow, printed
from survey.publication.requested_tables import FIGURES, MODELS, REFERENCE

NUMBERS = ("n", "estimate", "lower", "upper")


def figures_of(rows: Iterable[Mapping[str, Any]], known: Choices, question: Question) -> list[PrintedRow]:
    """The rows as they may be printed."""
    return printed(_worded(row, known, question) for row in rows)


def as_csv(
    entry: RequestEntry, rows: Sequence[Mapping[str, Any]], known: Choices, *, synthetic: bool
) -> tuple[str, bytes]:
    """The name and content of a file of released rows."""
    name = f"{entry.wave_code}-tabell-{entry.id}{file_suffix(synthetic)}.csv"
    return name, csv_of(figures_of(rows, known, entry.question), synthetic)


def headings(known: Choices, question: Question) -> list[str]:
    """What stands over the groups of a table: one or two words."""
    if question.is_regression:
        return ["Uppdelning", "Grupp"]
    return [known.words.get(name, name) for name in question.table.by]


def _worded(row: Mapping[str, Any], known: Choices, question: Question) -> dict[str, Any]:
    statistic = str(row["statistic"])
    groups = _groups(row, known, question)
    found = {
        "group": groups[0],
        "other_group": groups[1],
        "figure": {**FIGURES, **MODEL_WORDS}.get(statistic) or _answer(statistic, known, question),
        "statistic": statistic,
        "compared_with": statistic in MODELS and row["other_category"] == REFERENCE,
        "survives": row.get("p_together") is not None and row["p_together"] <= CERTAIN,
        "released": bool(row["released"]),
        "reason": str(row["reason"] or ""),
    }
    return {**found, **{name: row[name] if row["released"] else None for name in NUMBERS}}


def _groups(row: Mapping[str, Any], known: Choices, question: Question) -> tuple[str, str]:
    if row["statistic"] in MODELS:
        variable, _, category = str(row["category"]).partition("=")
        return known.words.get(variable, variable), known.category(variable, category)
    by = question.table.by
    other = known.category(by[1], str(row["other_category"])) if len(by) > 1 else ""
    return known.category(by[0], str(row["category"])), other


def _answer(statistic: str, known: Choices, question: Question) -> str:
    return known.category(question.table.item, statistic.removeprefix("p"))
