"""The quality declaration of a draft as a reviewer reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.keys import TOTAL
from survey.errors import UserError
from survey.models.release import ItemNonresponse, QualityFigure, Release
from survey.preparation.geography import area_names, municipality_names
from survey.preparation.waves import find_wave
from survey.processing.releasable import find_draft
from survey.questionnaire.definition import load

REGION = "Hela regionen"
EVENNESS = "r_indicator"
STEPS = {
    "design_weight": "efter urvalet",
    "nonresponse_weight": "efter rättning för bortfallet",
    "weight": "slutlig vikt",
}
VARIABLES = {
    "legal_gender": "Kön",
    "age_group": "Ålder",
    "area": "Delområde",
    "municipality_code": "Kommun",
    "mode": "Svarssätt",
    "questionnaire": "Hur mycket som är ifyllt",
}
CATEGORIES = {
    TOTAL: "Alla",
    "woman": "Kvinnor",
    "man": "Män",
    "web": "På webben",
    "paper": "På papper",
    "missing": "Okänt",
    "break_off": "Avbröt (under hälften)",
    "partial": "En del",
    "complete": "Nästan allt",
    "answered": "Besvarade",
    "dont_know": "Vet ej",
    "refused": "Vill ej svara",
}


@dataclass(frozen=True)
class Spread:
    """Weights of a municipality, in medians."""

    lowest: float
    low: float  # a twentieth weighs less
    lower: float  # a quarter weighs less
    upper: float
    high: float
    highest: float


@dataclass(frozen=True)
class Figure:
    """A figure of the declaration, with its limits where it has any."""

    label: str
    value: float | None
    lower: float | None
    upper: float | None
    n: int | None
    reason: str


@dataclass(frozen=True)
class Step:
    """The weights after a step: what unequal weights cost so far, and the heaviest in medians."""

    label: str
    deff: float | None
    heaviest: float | None


@dataclass(frozen=True)
class Item:
    """What became of a question."""

    question: str
    asked: int | None
    skipped: float | None  # left empty
    refused: float | None
    dont_know: float | None
    reason: str


@dataclass(frozen=True)
class Declared:
    """The declaration of the region or of a municipality."""

    code: str
    name: str
    response: Figure | None
    even: Figure | None  # the R-indicator
    groups: Mapping[str, tuple[Figure, ...]]  # response by variable
    missing_most: tuple[Figure, ...]  # groups that answered less than others, the worst first
    steps: tuple[Step, ...]
    shares: Mapping[str, tuple[Figure, ...]]  # modes and completeness
    answers: tuple[Figure, ...]
    questions: tuple[Item, ...]  # most skipped first


def of_draft(session: Session, wave_code: str, code: str) -> tuple[dict[str, str], Declared]:
    """The municipalities of a draft by code, and the declaration of one of them or of all."""
    draft = find_draft(session, wave_code)
    if draft is None:
        raise UserError(f"Omgången {wave_code} har inget utkast att granska.")
    codes = set(
        session.scalars(
            select(QualityFigure.municipality_code).where(QualityFigure.release_id == draft.id).distinct()
        )
    )
    names = {
        TOTAL: REGION,
        **{key: name for key, name in municipality_names(session).items() if key in codes},
    }
    if code not in names:
        raise UserError(f"Utkastet har ingen kommun med koden {code!r}.")
    return names, declared(session, draft, code)


def declared(session: Session, draft: Release, code: str) -> Declared:
    """The declaration of a municipality, or of `all`."""
    query = select(QualityFigure).where(
        QualityFigure.release_id == draft.id, QualityFigure.municipality_code == code
    )
    rows = session.scalars(query.order_by(QualityFigure.id)).all()
    of_measure: dict[str, list[QualityFigure]] = {}
    for row in rows:
        of_measure.setdefault(row.measure, []).append(row)
    rates = of_measure.get("response_rate", [])
    names = municipality_names(session)
    places = names | area_names(session, code)
    named = [row for row in of_measure.get("partial_unconditional", []) if row.category != TOTAL]
    short = [row for row in named if row.value is not None and row.upper is not None and row.upper < 0]
    return Declared(
        code=code,
        name=REGION if code == TOTAL else names.get(code, code),
        response=next((_figure(row, places) for row in rates if row.variable == TOTAL), None),
        even=next((_figure(row, places) for row in of_measure.get(EVENNESS, [])), None),
        groups=_by_variable([row for row in rates if row.variable != TOTAL], places),
        missing_most=tuple(
            _figure(row, places, named=True) for row in sorted(short, key=lambda row: row.value or 0)
        ),
        steps=tuple(_steps(rows)),
        shares=_by_variable([*of_measure.get("mode_share", []), *of_measure.get("completeness", [])], places),
        answers=tuple(_figure(row, places) for row in of_measure.get("item_answers", [])),
        questions=_items(session, draft, code),
    )


def evenness(session: Session, draft_id: int) -> dict[str, Figure]:
    """The R-indicator of every municipality, and of `all`: the one of the declaration."""
    query = select(QualityFigure).where(
        QualityFigure.release_id == draft_id, QualityFigure.measure == EVENNESS
    )
    return {row.municipality_code: _figure(row, {}) for row in session.scalars(query)}


def weight_spreads(session: Session, draft_id: int) -> dict[str, Spread]:
    """The final weights of every municipality, and of `all`, in their own medians."""
    query = select(QualityFigure.municipality_code, QualityFigure.category, QualityFigure.value).where(
        QualityFigure.release_id == draft_id,
        QualityFigure.measure == "weight_quantile",
        QualityFigure.variable == "weight",
        QualityFigure.value.is_not(None),
    )
    found: dict[str, dict[str, float]] = {}
    for code, quantile, value in session.execute(query):
        found.setdefault(code, {})[quantile] = float(value or 0.0)
    names = ("min", "p05", "p25", "p75", "p95", "max")
    return {
        code: Spread(*(weights[name] / weights["median"] for name in names))
        for code, weights in found.items()
        if weights.get("median")
    }


def _figure(row: QualityFigure, places: Mapping[str, str], *, named: bool = False) -> Figure:
    label = CATEGORIES.get(row.category, places.get(row.category, row.category))
    if row.measure == "item_answers" and row.category == "missing":
        label = "Hoppade över"
    if row.variable == "age_group":
        label = f"{label.replace('-', '–')} år"
    if named:
        label = f"{VARIABLES.get(row.variable, row.variable)}: {label}"
    return Figure(label, row.value, row.lower, row.upper, row.n, row.reason)


def _by_variable(rows: list[QualityFigure], places: Mapping[str, str]) -> dict[str, tuple[Figure, ...]]:
    found: dict[str, list[Figure]] = {}
    for row in rows:
        found.setdefault(VARIABLES.get(row.variable, row.variable), []).append(_figure(row, places))
    return {name: tuple(figures) for name, figures in found.items()}


def _steps(rows: Sequence[QualityFigure]) -> list[Step]:
    values = {(row.measure, row.variable, row.category): row.value for row in rows}
    steps = []
    for name, words in STEPS.items():
        median, most = (values.get(("weight_quantile", name, of)) for of in ("median", "max"))
        heaviest = most / median if most is not None and median else None
        steps.append(Step(words, values.get(("deff_kish", name, TOTAL)), heaviest))
    return steps


def _items(session: Session, draft: Release, code: str) -> tuple[Item, ...]:
    query = select(ItemNonresponse).where(
        ItemNonresponse.release_id == draft.id, ItemNonresponse.municipality_code == code
    )
    questionnaire = load(find_wave(session, draft.wave_code).questionnaire)
    words = {
        one.id: " ".join(part for part in (one.stem, one.text) if part) for one in questionnaire.questions
    }
    items = [
        Item(words.get(row.item, row.item), row.asked, row.missing, row.refused, row.dont_know, row.reason)
        for row in session.scalars(query.order_by(ItemNonresponse.id))
    ]
    return tuple(sorted(items, key=lambda item: -((item.skipped or 0) + (item.refused or 0))))
