"""Beside what it is compared with: a municipality and its region, an area and its municipality.

Only the released verdict speaks, as a word. No places, groups or waves are compared by their intervals, and
no difference in points is printed: of sensitive measures it would tie two protected figures together
(METHODS.md M-23).
"""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from survey.publication import wording
from survey.publication.content import HIDDEN, NOT_COMPARED, Standing
from survey.publication.released import records
from survey.publication.speech import say

STATISTIC = "proportion"
KEY = ("geography", "code", "against_geography", "gender", "age_group", "indicator")
AGAINST = {"municipality": "all", "area": "municipality"}
WORDS = {"above": "högre", "below": "lägre", "no_certain_difference": "ingen säker skillnad"}
SKR_GROUP = "skr_group"  # others of the municipality's kind
OTHER_HIDDEN = "against_suppressed"  # a reason of comparisons alone
OTHER_HIDDEN_WORDS = "det tal som det jämförs med visas inte"
GOOD = {"up": "above", "down": "below"}  # by the direction that is good


def released_verdict(row: dict[Hashable, Any] | None) -> str:
    """The verdict of a comparison that may be shown; `not_comparable` says nothing."""
    if row is None or not bool(row["released"]) or row["verdict"] not in WORDS:
        return ""
    return str(row["verdict"])


def tone_of(verdict: str, direction: str) -> str:
    """Better or worse, for a verdict that is certain."""
    if verdict not in GOOD.values():
        return ""
    return "better" if verdict == GOOD[direction] else "worse"


class Standings:
    """The released comparisons of levels, or of changes, in one wave, by group and what it is beside."""

    def __init__(self, comparisons: pd.DataFrame, wave: str, *, changes: bool = False) -> None:
        levels = comparisons["previous_wave"].fillna("").astype(str).eq("") != changes
        shares = comparisons["statistic"].astype(str).eq(STATISTIC)
        rows = comparisons[levels & shares & comparisons["wave"].astype(str).eq(wave)]
        self._rows = {tuple(str(row[name]) for name in KEY): row for row in records(rows)}

    def of(
        self, place: tuple[str, str, str, str], indicator: str, direction: str, against: str = ""
    ) -> Standing:
        """How a group (geography, code, gender, age group) stands beside its whole, or beside others."""
        geography, code, gender, age = place
        against = against or AGAINST.get(geography, "")
        return standing(self._rows.get((geography, code, against, gender, age, indicator)), direction)

    def kind(self, against: str) -> str:
        """The code of what something is compared with; empty when nothing is."""
        found = (row["against_code"] for key, row in self._rows.items() if key[2] == against)
        return str(next(found, ""))


def standing(row: dict[Hashable, Any] | None, direction: str) -> Standing:
    """A released comparison as its word and tone; a hidden one keeps no verdict."""
    if row is None:
        return NOT_COMPARED
    verdict = released_verdict(row)
    if not verdict:
        reason = str(row["reason"])
        words = say(OTHER_HIDDEN_WORDS) if reason == OTHER_HIDDEN else wording.reason(reason)
        return Standing("", "", HIDDEN, words)
    return Standing(verdict, tone_of(verdict, direction), say(WORDS[verdict]))
