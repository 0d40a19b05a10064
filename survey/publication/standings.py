"""Beside what it is compared with: a municipality and its region, an area and its municipality.

Only the released verdict speaks, as a word. Two intervals are never compared, and no difference in points is
printed: of sensitive measures it would tie two protected figures together (METHODS.md M-23).
"""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from survey.publication import wording
from survey.publication.content import HIDDEN, NOT_COMPARED, Standing

STATISTIC = "proportion"
KEY = ("geography", "code", "against_geography", "gender", "age_group", "indicator")
AGAINST = {"municipality": "all", "area": "municipality"}
WORDS = {"above": "högre", "below": "lägre", "no_certain_difference": "ingen säker skillnad"}
OTHER_HIDDEN = "against_suppressed"  # a reason of comparisons alone
OTHER_HIDDEN_WORDS = "det tal som det jämförs med visas inte"
GOOD = {"up": "above", "down": "below"}  # by the direction that is good


class Standings:
    """The released comparisons of levels in one wave, found by group and what it is compared with."""

    def __init__(self, comparisons: pd.DataFrame, wave: str) -> None:
        levels = comparisons["previous_wave"].fillna("").astype(str).eq("")
        shares = comparisons["statistic"].astype(str).eq(STATISTIC)
        rows = comparisons[levels & shares & comparisons["wave"].astype(str).eq(wave)]
        keys = zip(*(rows[name].astype(str) for name in KEY), strict=True)
        self._rows = dict(zip(keys, rows.to_dict("records"), strict=True))

    def of(self, place: tuple[str, str, str, str], indicator: str, direction: str) -> Standing:
        """How a group (geography, code, gender, age group) stands beside its region or municipality."""
        geography, code, gender, age = place
        against = AGAINST.get(geography, "")
        return standing(self._rows.get((geography, code, against, gender, age, indicator)), direction)


def standing(row: dict[Hashable, Any] | None, direction: str) -> Standing:
    """A released comparison as its word and tone; a hidden one keeps no verdict."""
    if row is None:
        return NOT_COMPARED
    verdict = str(row["verdict"])
    if not bool(row["released"]) or verdict not in WORDS:
        reason = str(row["reason"])
        words = OTHER_HIDDEN_WORDS if reason == OTHER_HIDDEN else wording.reason(reason)
        return Standing("", "", HIDDEN, words)
    tone = ""
    if verdict in GOOD.values():
        tone = "better" if verdict == GOOD[direction] else "worse"
    return Standing(verdict, tone, WORDS[verdict])
