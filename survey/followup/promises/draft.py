"""What somebody writes in the form of a promise: read, and every fault told at its field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import category

from survey.errors import Faults, UserError
from survey.followup.promises.tertials import parse
from survey.followup.text_check import personal_fault
from survey.languages import LANGUAGES
from survey.models.promise import GoalKind
from survey.typesetting import missing_characters

MEASURES = 6  # rows in the form
LONGEST = dict(title=300, problem=1000, cause=1000, owner=120, reason=500, accepted_because=500)
LONGEST |= dict(series=80, unit=40, baseline_source=200)
LONGEST_WORD = 60  # longer ones find no room on paper or on a telephone
LONGEST_MEASURE = {"text": 300, "responsible": 120, "activities": 1000}
# The report is set in Latin letters: a promise in another script would be a row of squares there.
PRINTED = {code: one.name for code, one in LANGUAGES.items() if not missing_characters(one.name)}
NEEDED = {
    "title": "Skriv löftet.",
    "problem": "Skriv vilket problemet är.",
    "owner": "Skriv vem som ansvarar för målet.",
}
NEEDED_OF_SERIES = {
    "series": "Skriv vad siffran gäller.",
    "unit": "Skriv vilken enhet siffran har.",
    "baseline_source": "Skriv källan till utgångsläget.",
}
SEVERAL_LINES = ("problem", "cause", "activities")
NUMBER = re.compile(r"-?\d{1,9}(?:[.,]\d{1,3})?", re.ASCII)
WHOLE_PERCENT = re.compile(r"\d{1,3}", re.ASCII)


@dataclass(frozen=True)
class DraftMeasure:
    """Something to be done, as it is written."""

    text: str
    responsible: str
    activities: str
    due: str


@dataclass(frozen=True)
class Draft:
    """A promise as it is written; the baseline of a share is not among it, since nobody types that."""

    texts: Mapping[str, str]  # by the names in LONGEST
    language: str
    focus_area: str
    due: str
    kind: GoalKind
    measures: tuple[DraftMeasure, ...]
    direction: str  # of a series
    baseline: float | None  # of a series
    target: float | None


def read_draft(given: Mapping[str, str]) -> Draft:
    """The form, when nothing in it is wrong by itself.

    Raises:
        Faults: what to put right, by field.
    """
    faults: dict[str, str] = {}
    kind = _choice(given, "kind", tuple(GoalKind), faults)
    texts = {name: _text(given, name, longest, faults) for name, longest in LONGEST.items()}
    _require(texts, NEEDED, faults)
    language = _choice(given, "language", tuple(PRINTED), faults)
    due = _tertial(given, "due", faults)
    measures = tuple(one for number in range(MEASURES) if (one := _measure(given, number, faults)))
    direction, baseline, target = "", None, None
    if kind == GoalKind.SURVEY:
        target = _percent(given, faults)
    elif kind == GoalKind.SERIES:
        _require(texts, NEEDED_OF_SERIES, faults)
        direction = _choice(given, "direction", ("up", "down"), faults)
        baseline, target = (_number(given, name, faults) for name in ("baseline", "target"))
        if (
            direction
            and baseline is not None
            and target is not None
            and not _better(baseline, target, direction)
        ):
            faults["target"] = "Målet ska vara bättre än utgångsläget, åt det håll som är bra."
    if faults:
        raise Faults(faults)
    return Draft(
        texts,
        language,
        given.get("focus_area", ""),
        due,
        GoalKind(kind),
        measures,
        direction,
        baseline,
        target,
    )


def clean(text: str) -> str:
    """Without signs that cannot be seen; line breaks stay."""
    kept = (letter for letter in text.replace("\r\n", "\n") if letter == "\n" or category(letter)[0] != "C")
    return "".join(kept).strip()


def parse_number(text: str) -> float | None:
    """A number as Swedes write it; None when it is none."""
    found = text.replace("\u00a0", "").replace(" ", "").replace("−", "-")
    return float(found.replace(",", ".")) if NUMBER.fullmatch(found) else None


def number_text(value: float | None) -> str:
    """A number as it stands in a field."""
    return "" if value is None else f"{round(value, 3):.12g}".replace(".", ",")


def _better(baseline: float, target: float, direction: str) -> bool:
    return target > baseline if direction == "up" else target < baseline


def _text(given: Mapping[str, str], name: str, longest: int, faults: dict[str, str]) -> str:
    value = clean(given.get(name, ""))
    if not name.endswith(SEVERAL_LINES):
        value = " ".join(value.split())
    if len(value) > longest:
        faults[name] = f"Skriv högst {longest} tecken. Nu är det {len(value)}."
    elif any(len(word) > LONGEST_WORD for word in value.split()):
        faults[name] = f"Ett ord är längre än {LONGEST_WORD} tecken. Dela upp det."
    elif missing := missing_characters(value):
        faults[name] = f"Rapporten kan inte visa {' '.join(missing[:5])}. Skriv med latinska bokstäver."
    elif fault := personal_fault(value):
        faults[name] = fault
    return value


def _require(texts: Mapping[str, str], needed: Mapping[str, str], faults: dict[str, str]) -> None:
    for name, told in needed.items():
        if not texts[name]:
            faults.setdefault(name, told)


def _choice(given: Mapping[str, str], name: str, choices: tuple[str, ...], faults: dict[str, str]) -> str:
    value = given.get(name, "")
    if value not in choices:
        faults[name] = "Välj ett av alternativen."
        return ""
    return value


def _tertial(given: Mapping[str, str], name: str, faults: dict[str, str]) -> str:
    try:
        return parse(given.get(name, "")).code
    except UserError as error:
        faults[name] = str(error)
        return ""


def _percent(given: Mapping[str, str], faults: dict[str, str]) -> float | None:
    value = given.get("target", "").strip().removesuffix("%").strip()
    if not WHOLE_PERCENT.fullmatch(value) or int(value) > 100:
        faults["target"] = "Skriv målet i hela procent, 0–100."
        return None
    return float(value)


def _number(given: Mapping[str, str], name: str, faults: dict[str, str]) -> float | None:
    value = parse_number(given.get(name, ""))
    if value is None:
        faults[name] = "Skriv ett tal, som 120 eller 4,5."
    return value


def _measure(given: Mapping[str, str], number: int, faults: dict[str, str]) -> DraftMeasure | None:
    names = {part: f"measure_{number}_{part}" for part in (*LONGEST_MEASURE, "due")}
    texts = {part: _text(given, names[part], longest, faults) for part, longest in LONGEST_MEASURE.items()}
    if not any(texts.values()):
        return None
    for part in ("text", "responsible"):
        if not texts[part]:
            faults.setdefault(names[part], "Fyll i både vad som ska göras och vem som ansvarar.")
    return DraftMeasure(**texts, due=_tertial(given, names["due"], faults))
