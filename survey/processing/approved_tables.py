"""What an approval lets out of a table: its rows in words, each with the municipality it is about."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import Faults
from survey.models.approved_table import ApprovedTable
from survey.models.area import Area
from survey.models.release import Audience, Release
from survey.models.table_request import RequestKind
from survey.processing.request_questions import Choices, Question, choices

MODELS = {"odds_ratio_alone": "för sig", "odds_ratio": "med de andra"}
STATISTICS = {"proportion": "andel", "mean": "medelvärde"}
REFERENCE = "reference"
CERTAIN = 0.05  # p, all comparisons of the table corrected together
FIGURES = ("n", "estimate", "lower", "upper")
AUDIENCE_WORDS = {
    Audience.REGION: "bara analytiker",
    Audience.POLICE: "analytiker och lokalpolis",
    Audience.MUNICIPALITY: "analytiker, lokalpolis och kommuner",
}


def read_audience(text: str) -> Audience:
    """Who is to read the table: the analysts alone unless something else is chosen."""
    chosen = text or Audience.REGION.value
    if chosen not in [one.value for one in AUDIENCE_WORDS]:
        raise Faults({"lasare": "Välj vilka som får läsa tabellen."})
    return Audience(chosen)


def keep_approved(
    session: Session,
    request_id: int,
    wave_code: str,
    question: Question,
    rows: Iterable[Mapping[str, Any]],
    audience: Audience,
    now: datetime,
) -> None:
    """Fix the table as its readers will have it."""
    known = choices(session, wave_code)
    where = dict(question.table.where).get("municipality", ())
    newest = select(Release.id).where(Release.wave_code == wave_code, Release.released_at.is_not(None))
    content = {
        "headings": headings(known, question),
        "kind": question.kind.value,
        "rows": worded(rows, known, question, _places(session)),
    }
    session.add(
        ApprovedTable(
            request_id=request_id,
            wave_code=wave_code,
            release_id=session.scalars(newest.order_by(Release.id.desc()).limit(1)).one(),
            audience=audience.value,
            municipality_code=where[0] if len(where) == 1 else None,
            item=question.table.item,
            title=known.sentence(question),
            approved_at=now,
            content=json.dumps(content, ensure_ascii=False),
        )
    )


def headings(known: Choices, question: Question) -> list[str]:
    """What stands over the groups of a table: one or two words."""
    if question.kind is RequestKind.REGRESSION:
        return ["Uppdelning", "Grupp"]
    return [known.words.get(name, name) for name in question.table.by]


def worded(
    rows: Iterable[Mapping[str, Any]],
    known: Choices,
    question: Question,
    places: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Rows with their groups and figures in words; `place` is the municipality a row is about, if one."""
    return [_worded(row, known, question, places or {}) for row in rows]


def _worded(
    row: Mapping[str, Any], known: Choices, question: Question, places: Mapping[str, str]
) -> dict[str, Any]:
    statistic = str(row["statistic"])
    groups = _groups(row, known, question)
    found = {
        "place": next((places[code] for code in _codes(row, question) if code in places), ""),
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


def _codes(row: Mapping[str, Any], question: Question) -> list[str]:
    """The places that a row is about, by their codes."""
    if row["statistic"] in MODELS:
        variable, _, category = str(row["category"]).partition("=")
        return [f"{variable} {category}"]
    given = (str(row["category"]), str(row["other_category"]))
    return [f"{name} {category}" for name, category in zip(question.table.by, given, strict=False)]


def _answer(statistic: str, known: Choices, question: Question) -> str:
    return known.category(question.table.item, statistic.removeprefix("p"))


def _places(session: Session) -> dict[str, str]:
    """The municipality of every place a table may be divided by."""
    areas = session.execute(select(Area.code, Area.municipality_code)).all()
    found = {f"area {code}": of for code, of in areas}
    return found | {f"municipality {of}": of for _, of in areas}
