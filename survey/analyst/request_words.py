"""The rows of a table that was asked for, as the analyst's pages and files print them: whole percent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from survey.notice import file_suffix
from survey.processing.request_questions import Choices, Question
from survey.processing.requested_rows import worded
from survey.processing.table_requests import RequestEntry
from survey.publication.approved_tables import PrintedRow, csv_of, printed


def figures_of(rows: Iterable[Mapping[str, Any]], known: Choices, question: Question) -> list[PrintedRow]:
    """The rows as they may be printed."""
    return printed(worded(rows, known, question))


def as_csv(
    entry: RequestEntry, rows: Sequence[Mapping[str, Any]], known: Choices, *, synthetic: bool
) -> tuple[str, bytes]:
    """The name and content of a file of released rows."""
    name = f"{entry.wave_code}-tabell-{entry.id}{file_suffix(synthetic)}.csv"
    return name, csv_of(figures_of(rows, known, entry.question), synthetic)
