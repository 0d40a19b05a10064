"""What an approval releases of a table on request: its rows, and in which words they are to be read."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from analysis.keys import MUNICIPALITY
from survey.models.release import Audience
from survey.models.requested_table import RequestedFigure, RequestedTable
from survey.models.table_request import TableRequest
from survey.processing.request_questions import Choices, Question, choices, from_text

NAMED = ("proportion", "mean", "odds_ratio", "odds_ratio_alone")  # all others are shares of one answer


def release_rows(session: Session, request: TableRequest, audience: Audience) -> None:
    """Write down the rows of a computed request; the request itself is still to be decided."""
    question, rows = from_text(request.kind, request.question), json.loads(request.result or "{}")["rows"]
    known = choices(session, request.wave_code)
    session.add(
        RequestedTable(
            request_id=request.id,
            wave_code=request.wave_code,
            release_id=request.release_id,
            kind=request.kind,
            item=question.table.item,
            divided_by=" ".join(question.table.by),
            limited_to=" ".join(f"{name}={'|'.join(values)}" for name, values in question.table.where),
            municipality_code=_only_municipality(question),
            audience=audience.value,
            title=known.sentence(question),
            words=json.dumps(_words(question, rows, known), ensure_ascii=False),
            approved_at=datetime.now(UTC),
        )
    )
    session.add_all(_figure(request.id, row) for row in rows)
    session.flush()


def _only_municipality(question: Question) -> str | None:
    """The municipality that the whole table is about; None when it is about several."""
    chosen = dict(question.table.where).get(MUNICIPALITY, ())
    return chosen[0] if len(chosen) == 1 else None


def _words(question: Question, rows: Iterable[Mapping[str, Any]], known: Choices) -> dict[str, Any]:
    """The variables and the categories that occur, in words."""
    by = question.table.by
    pairs: set[tuple[str, str]] = set()
    for row in rows:
        if question.is_regression:
            variable, _, category = str(row["category"]).partition("=")
            pairs.add((variable, category))
        else:
            pairs |= set(zip(by, (str(row["category"]), str(row["other_category"])), strict=False))
    shares = {
        name: known.category(question.table.item, name.removeprefix("p"))
        for name in dict.fromkeys(str(row["statistic"]) for row in rows)
        if name not in NAMED
    }
    return {
        "variables": {name: known.words.get(name, name) for name in by},
        "categories": {
            name: {code: known.category(name, code) for of, code in sorted(pairs) if of == name}
            for name in by
        },
        "statistics": shares,
    }


def _figure(request_id: int, row: Mapping[str, Any]) -> RequestedFigure:
    names = ("category", "other_category", "statistic", "estimate", "se", "lower", "upper", "p", "reason")
    n = None if row["n"] is None else int(row["n"])
    return RequestedFigure(
        request_id=request_id, n=n, released=bool(row["released"]), **{name: row[name] for name in names}
    )
