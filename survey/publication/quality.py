"""The quality declaration: what is stored of how a municipality's figures came about, and what it means."""

from collections.abc import Hashable, Iterator
from math import isnan, nan, sqrt
from typing import Any

import pandas as pd

from survey.publication import numbers
from survey.publication.content import QualityFact
from survey.publication.released import Released, records
from survey.publication.speech import say

Row = dict[Hashable, Any]
MODES = {"web": "webb", "paper": "papper"}
FATES = {
    "missing": ("Överhoppade frågor", "Andel av alla ställda frågor som de svarande hoppade över."),
    "dont_know": ("Vet inte", "Andel av alla ställda frågor där svaret var vet inte."),
    "refused": ("Vill inte svara", "Andel av alla ställda frågor där svaret var vill inte svara."),
}
PASSED = {"missing": "hoppade över", "dont_know": "vet inte", "refused": "vill inte svara"}


def diagnostics_of(table: pd.DataFrame, wave: str) -> Row:
    """The stored facts of a wave; nothing when there are none."""
    rows = records(table[table["wave"].astype(str) == wave])
    return rows[0] if rows else {}


def value_of(row: Row, name: str) -> float | None:
    """A stored figure; None when it is not known."""
    value = float(row[name]) if row.get(name) is not None else nan
    return None if isnan(value) else value


def build_quality(released: Released) -> tuple[QualityFact, ...]:
    """The facts of the declaration that are stored, in the order of the work."""
    wave = released.wave.code
    shares = _declared(released.quality, wave, released.place.code)
    facts = (*_answers(shares), *_facts(diagnostics_of(released.diagnostics, wave)))
    return tuple(QualityFact(say(fact.label), fact.value, say(fact.meaning)) for fact in facts)


def unanswered(table: pd.DataFrame, wave: str, municipality: str) -> dict[str, str]:
    """By question, how those who were asked passed it by; nothing of a question asked of few."""
    if table.empty:
        return {}
    here = table["wave"].astype(str).eq(wave) & table["municipality_code"].astype(str).eq(municipality)
    return {
        str(row["item"]): ", ".join(
            f"{say(words)} {numbers.percent(numbers.whole_percent(row[fate]))}"
            for fate, words in PASSED.items()
        )
        for row in records(table[here & table["answered"].notna()])
    }


def _declared(table: pd.DataFrame, wave: str, municipality: str) -> dict[tuple[str, str], float]:
    """The shares of the declaration that are told, by measure and category."""
    if table.empty:
        return {}
    here = table["wave"].astype(str).eq(wave) & table["municipality_code"].astype(str).eq(municipality)
    told = table[here & table["value"].notna()]
    keys = zip(told["measure"].astype(str), told["category"].astype(str), strict=True)
    return dict(zip(keys, told["value"].astype(float), strict=True))


def _answers(shares: dict[tuple[str, str], float]) -> Iterator[QualityFact]:
    """How the answers came in and how complete they are."""
    modes = [
        f"{say(words)} {_share(shares['mode_share', mode])}"
        for mode, words in MODES.items()
        if ("mode_share", mode) in shares
    ]
    if modes:
        yield QualityFact("Svarssätt", ", ".join(modes), "Hur de som svarade lämnade sina svar.")
    if (broken := shares.get(("completeness", "break_off"))) is not None:
        yield QualityFact(
            "Avbrutna formulär",
            _share(broken),
            "Andel av de svarande som svarade på mindre än hälften av de frågor som gällde dem.",
        )
    for fate, (label, meaning) in FATES.items():
        if (share := shares.get(("item_answers", fate))) is not None:
            yield QualityFact(label, _share(share), meaning)


def _share(share: float) -> str:
    return numbers.percent(numbers.number(share * 100, 1))


def _facts(row: Row) -> Iterator[QualityFact]:
    if (r := value_of(row, "r_indicator")) is not None:
        yield QualityFact(
            "R-indikator, kön och ålder",
            numbers.number(r, 2),
            "Hur lika svarsfrekvenserna är mellan grupper efter kön och ålder. 1 betyder att alla "
            "grupper har svarat i samma utsträckning.",
        )
    if (deff := value_of(row, "deff_kish")) is not None:
        yield QualityFact(
            "Vikternas designeffekt",
            numbers.number(deff, 2),
            "Hur många gånger större variansen ungefär blir av att svaren väger olika. 1 betyder att "
            "alla svar väger lika.",
        )
    if (effective := value_of(row, "n_eff")) is not None:
        yield QualityFact(
            "Effektivt antal svar",
            numbers.number(effective),
            "Så många svar som ett enkelt slumpmässigt urval hade behövt för att ge samma säkerhet.",
        )
    yield from _weights(row)


def _weights(row: Row) -> Iterator[QualityFact]:
    low, middle, high = (value_of(row, f"weight_{name}") for name in ("min", "median", "max"))
    if low is not None and high is not None:
        between = f" ({say('median')} {numbers.number(middle, 1)})" if middle is not None else ""
        yield QualityFact(
            "Vikter, lägst till högst",
            f"{numbers.number(low, 1)}–{numbers.number(high, 1)}{between}",
            "Hur många invånare ett svar står för.",
        )
    if (square := value_of(row, "weight_cv2")) is not None:
        yield QualityFact(
            "Vikternas variationskoefficient",
            numbers.number(sqrt(square), 2),
            "Standardavvikelsen delad med medelvikten: 0 när alla svar väger lika.",
        )
    if (cut := value_of(row, "trimmed_share")) is not None:
        yield QualityFact(
            "Sänkta vikter",
            _share(cut),
            "Andel av svaren vars vikt har sänkts för att inget enskilt svar ska styra för mycket.",
        )
