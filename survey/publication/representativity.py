"""Who was asked and who answered, in figures and words."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from survey.publication import numbers, wording
from survey.publication.content import ResponseGroup, ResponseResult
from survey.publication.quality import diagnostics_of, value_of
from survey.publication.released import ALL, Released, Wave, records
from survey.publication.speech import say

Row = dict[Hashable, Any]


def build_response(released: Released, previous: Wave | None) -> ResponseResult:
    """Invited and answered in a municipality: in all, by register sex, by age group and by both."""
    rows = _rows(released.response_rates, released.wave.code)
    before = _rows(released.response_rates, previous.code) if previous else {}
    ages = sorted({age for _, age in rows} - {ALL})
    total = _group(say("Alla"), rows.get((ALL, ALL)))
    by_gender = {gender: _by_age(rows, gender, ages) for gender in wording.SEXES}
    diagnostics = diagnostics_of(released.diagnostics, released.wave.code)
    return ResponseResult(
        total=total,
        before=_group(say("Alla"), before[ALL, ALL]) if (ALL, ALL) in before else None,
        groups=(
            *(_group(say(label), rows.get((gender, ALL))) for gender, label in wording.SEXES.items()),
            *_by_age(rows, ALL, ages),
        ),
        women=by_gender["woman"],
        men=by_gender["man"],
        areas=numbers.number(len(released.place.areas)),
        r_indicator=_decimal(diagnostics, "r_indicator"),
        weight_ratio=_ratio(diagnostics),
        sentence=_sentence(released.place.name, total, by_gender),
    )


def trimmed_share(table: pd.DataFrame, wave: str) -> float | None:
    """Which share of the answers had their weight cut; None when it is not known."""
    return value_of(diagnostics_of(table, wave), "trimmed_share")


def _rows(table: pd.DataFrame, wave: str) -> dict[tuple[str, str], Row]:
    rows = records(table[table["wave"].astype(str) == wave])
    return {(str(row["legal_gender"]), str(row["age_group"])): row for row in rows}


def _by_age(rows: dict[tuple[str, str], Row], gender: str, ages: list[str]) -> tuple[ResponseGroup, ...]:
    return tuple(
        _group(say("%(ages)s år", ages=age.replace("-", "–")), rows.get((gender, age))) for age in ages
    )


def _group(label: str, row: Row | None) -> ResponseGroup:
    if row is None:
        return ResponseGroup(label, "..", "..", "..", None)
    sampled, responded = int(row["sampled"]), int(row["responded"])
    rate = numbers.whole_percent(responded / sampled) if sampled else None
    text = "–" if rate is None else numbers.percent(rate)
    counts = (sampled, responded)
    return ResponseGroup(label, numbers.number(sampled), numbers.number(responded), text, rate, counts)


def _sentence(name: str, total: ResponseGroup, by_gender: dict[str, tuple[ResponseGroup, ...]]) -> str:
    if total.value is None:
        return say("Uppgifter om svarsfrekvensen saknas.")
    text = say(
        "%(place)s fick %(asked)s personer frågorna och %(answered)s svarade: %(rate)s.",
        place=wording.capital(wording.place(name)),
        asked=total.sampled,
        answered=total.responded,
        rate=wording.in_words(total.value),
    )
    groups = [
        (group.value, f"{say(wording.SEXES[gender]).lower()} {group.label}")
        for gender, ages in by_gender.items()
        for group in ages
        if group.value is not None
    ]
    if not groups or min(groups)[0] == max(groups)[0]:
        return text
    (low, lowest), (high, highest) = _all_with(groups, min(groups)[0]), _all_with(groups, max(groups)[0])
    ends = say(
        "Lägst var svarsfrekvensen bland %(lowest)s, %(low)s, och högst bland %(highest)s, %(high)s.",
        lowest=lowest,
        low=wording.in_words(low),
        highest=highest,
        high=wording.in_words(high),
    )
    return f"{text} {ends}"


def _all_with(groups: list[tuple[int, str]], rate: int) -> tuple[int, str]:
    """Every group that shares a rate: none of them is singled out by a fraction of a percent."""
    return rate, wording.enumeration([label for value, label in groups if value == rate])


def _decimal(row: Row, name: str) -> str:
    value = value_of(row, name)
    return "" if value is None else numbers.number(value, 2)


def _ratio(row: Row) -> str:
    """How many times heavier the heaviest answer weighs than the lightest."""
    low, high = value_of(row, "weight_min"), value_of(row, "weight_max")
    return numbers.number(high / low) if low and high else ""
