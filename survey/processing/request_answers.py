"""What answers say to a question that no release answers, and whether it may stand beside the releases."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answer_states import TableQuestion
from analysis.differencing import Checked, checked_table
from analysis.disclosure import PROTECTED
from analysis.errors import AnalysisError
from analysis.keys import TOTAL
from analysis.multiplicity import as_one_family
from analysis.regression import Regression, regress
from analysis.weights import Weighted
from survey.models.table_request import RequestState, TableRequest
from survey.processing.refusals import in_swedish
from survey.processing.request_questions import Question, from_text
from survey.processing.told_so_far import Beside, approved_tables, beside_now, told_of, weighted_for
from survey.progress import Progress


@dataclass(frozen=True)
class Answer:
    """What came of a request: a result, or why there is none."""

    request_id: int
    release_id: int | None
    result: Mapping[str, Any] | None
    refusal: str = ""


def answer_requests(session: Session, wave_code: str, progress: Progress | None = None) -> list[Answer]:
    """Compute every request of a wave that waits; only reads."""
    waiting = session.scalars(
        select(TableRequest)
        .where(TableRequest.wave_code == wave_code, TableRequest.state == RequestState.ASKED.value)
        .order_by(TableRequest.id)
    ).all()
    if not waiting:
        return []
    beside = beside_now(session, wave_code)
    questions = {one.id: from_text(one.kind, one.question) for one in waiting}
    approved = approved_tables(session, wave_code)
    weighted = weighted_for(
        session, wave_code, [*questions.values(), *(question for question, *_ in approved)]
    )
    found = []
    for number, (request_id, question) in enumerate(questions.items(), start=1):
        found.append(_answer(session, weighted, wave_code, request_id, question, beside, approved))
        if progress:
            progress("tabeller", number, len(questions))
    return found


def _answer(
    session: Session,
    weighted: Weighted,
    wave_code: str,
    request_id: int,
    question: Question,
    beside: Beside,
    approved: Sequence[tuple[Question, TableQuestion, pd.DataFrame, str]],
) -> Answer:
    if any(table in question.tables and answers != beside.answers for _, table, _, answers in approved):
        said = "Samma tabell är redan släppt på andra svar. Skillnaden skulle visa vad några få har svarat."
        return Answer(request_id, beside.own, None, said)
    try:
        told = told_of(
            session, weighted, wave_code, question, [(table, rows) for _, table, rows, _ in approved]
        )
        checked: list[tuple[TableQuestion, Checked]] = []
        for table in question.tables:
            found = checked_table(weighted, wave_code, table, told)
            told = replace(told, tables=(*told.tables, (table, found.table.rows)))
            checked.append((table, found))
        made = _result(weighted, wave_code, question, checked)
    except AnalysisError as error:
        return Answer(request_id, beside.own, None, in_swedish(error))
    return Answer(request_id, beside.own, {**made, "beside": asdict(beside)})


def _result(
    weighted: Weighted,
    wave_code: str,
    question: Question,
    checked: Sequence[tuple[TableQuestion, Checked]],
) -> dict[str, Any]:
    """The protected rows and what the check found, as plain values."""
    tables = [
        {"item": one.item, "by": one.by, "where": one.where, "rows": _records(_kept(one, found))}
        for one, found in checked
    ]
    summary = {
        "counts": sum(found.counts for _, found in checked),
        "exposed": sum(found.exposed for _, found in checked),
        "hidden": sum(found.hidden for _, found in checked),
        "moved": sum(found.moved for _, found in checked),
    }
    if not question.is_regression:
        table, found = checked[0]
        return {
            "rows": _records(_table_rows(table, found.table.rows)),
            "tests": _records(found.table.tests),
            "tables": tables,
            "checked": summary,
        }
    one = question.table
    made = regress(weighted, one.item, one.by, wave_code, dict(one.where))
    shown = {name: _shown_categories(table, found) for table, found in checked for name in table.by}
    return {
        "rows": _records(_regression_rows(made, shown)),
        "tests": _records(made.tests),
        "tables": tables,
        "checked": summary,
        "n": made.n,
        "left_out": made.left_out,
    }


def _kept(table: TableQuestion, found: Checked) -> pd.DataFrame:
    """What the next check has to know of a table."""
    return found.table.rows[[*table.by, "statistic", "n", "released", "reason"]]


def _table_rows(table: TableQuestion, rows: pd.DataFrame) -> pd.DataFrame:
    other = rows[table.by[1]] if len(table.by) > 1 else ""
    return pd.DataFrame(
        {
            "category": rows[table.by[0]],
            "other_category": other,
            **{name: rows[name] for name in ("statistic", "n", "estimate", "se", "lower", "upper", "p")},
            "difference": rows["difference"],
            "p_together": as_one_family(rows["p"]),
            "released": rows["released"],
            "reason": rows["reason"],
        }
    )


def _shown_categories(table: TableQuestion, found: Checked) -> set[str]:
    rows = found.table.rows
    shown = rows[rows["released"].eq(1) & rows["statistic"].eq("proportion")]
    return set(shown[table.by[0]].astype(str))


def _regression_rows(made: Regression, shown: Mapping[str, set[str]]) -> pd.DataFrame:
    """Odds ratios of both models; each only when its cell, its reference and the total may be shown."""
    terms = made.terms
    reference = terms[terms["reference"].eq(1)].set_index("variable")["category"].to_dict()
    safe = [
        {category, reference[variable], TOTAL} <= shown[variable]
        for variable, category in zip(terms["variable"], terms["category"], strict=True)
    ]
    parts = []
    for model, statistic in (("alone", "odds_ratio_alone"), ("adjusted", "odds_ratio")):
        there = terms["odds_ratio_" + model].notna() | terms["reference"].eq(1)
        first = terms["variable"].eq(terms["variable"].iloc[0])
        figures = {name: f"{name}_{model}" for name in ("se", "lower", "upper", "p")}
        part = pd.DataFrame(
            {
                "category": terms["variable"] + "=" + terms["category"],
                "other_category": terms["reference"].map({1: "reference", 0: ""}),
                "statistic": statistic,
                "n": terms["n"],
                "estimate": terms[f"odds_ratio_{model}"],
                **{name: terms[column] for name, column in figures.items()},
            }
        )
        part["released"] = pd.Series(safe, index=part.index).astype(int)
        part["reason"] = part["released"].map({1: "", 0: PROTECTED})
        hidden = part["released"].eq(0)
        emptied = ["n", "estimate", *figures]
        part[emptied] = part[emptied].mask(hidden)
        parts.append(part[there & (first | (model == "adjusted"))])
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(p_together=as_one_family(rows["p"]))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON takes them: missing is null."""
    plain = table.astype(object).where(table.notna(), None)
    rows: list[dict[str, Any]] = json.loads(json.dumps(plain.to_dict("records"), default=float))
    return rows
