"""The attack: what somebody can work out of hidden counts who has nothing but what an audience is shown.

Written without a look at how rows are hidden, so that it can find what the hiding forgot. It takes the
rows as
printed, and public knowledge: who was asked and answered (group sizes), the weights, the publication
rules. For
one item it sets up a linear programme over two waves at once: the persons on the yes side of every group
of the
sample no row divides; each printed percentage, and each printed change, as an interval around a weighted sum.
The tightest bounds of a hidden row are the solution's extremes. METHODS.md M-21.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, sparse

from analysis.keys import TOTAL

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

CELL = ("wave", "geography", "code", "gender", "age_group")
ROUNDED = 0.5  # of the last printed digit


@dataclass(frozen=True)
class Knowledge:
    """What the attacker knows of the sample.

    Attributes:
        groups: wave, municipality, stratum, gender, age_group, weight (persons per respondent), n
            (respondents in the base): groups of respondents, in any number.
        unions: (wave, geography, code) -> strata of each published union.
        hidden_persons, hidden_persons_municipality: the rule's limits, as published.
    """

    groups: pd.DataFrame
    unions: Mapping[tuple[str, str, str], frozenset[str]]
    hidden_persons: int = 4
    hidden_persons_municipality: int = 2


def knowledge(
    weights: pd.DataFrame,
    responses: pd.DataFrame,
    strata: pd.DataFrame,
    base: Booleans,
    age_group: npt.NDArray[np.object_],
    stratum: npt.NDArray[np.object_],
    unions: Mapping[tuple[str, str, str], frozenset[str]] | None = None,
) -> Knowledge:
    """Put together what is known of one item's respondents.

    Args:
        weights: wave, case_id, municipality_code, weight; one row per respondent.
        responses: gender of the same respondents in the same order.
        strata: the bundle's, for checking that every stratum is known.
        base: whether each answered the item.
        age_group, stratum: reporting age group and stratum of each.
        unions: strata of each union, if any.

    Raises:
        ValueError: a respondent's stratum is not among the strata.
    """
    if not set(stratum) <= set(strata["stratum"]):
        raise ValueError("a respondent's stratum is not among the strata")
    table = pd.DataFrame(
        {
            "wave": weights["wave"].astype(str).to_numpy(),
            "municipality": weights["municipality_code"].astype(str).to_numpy(),
            "stratum": stratum,
            "gender": responses["gender"].astype(str).to_numpy(),
            "age_group": age_group,
            "weight": weights["weight"].to_numpy(float).round(9),
        }
    )[base]
    groups = table.groupby(list(table.columns), sort=True).size().rename("n").reset_index()
    return Knowledge(groups, unions or {})


def bounds(shown: pd.DataFrame, known: Knowledge, hidden: pd.DataFrame) -> pd.DataFrame:
    """The tightest bounds of the persons on the yes side of some hidden rows.

    Args:
        shown: one item and statistic as an audience gets it, in both waves or one: the columns `CELL`,
        percent
            (whole), previous_wave and change_points (missing where there is none); shown rows only.
        known: the sample.
        hidden: the columns `CELL` of the rows to attack. A gender of `rest` means everybody who is neither
            woman nor man.

    Returns:
        `hidden` with n, least and most (persons). Rows nobody belongs to are left out.
    """
    programme = _Programme(shown, known)
    rows = []
    for key in hidden[list(CELL)].itertuples(index=False, name=None):
        member = programme.members(key)
        n = float(programme.n[member].sum())
        if n > 0:
            rows.append((*key, n, *programme.solve(member)))
    return pd.DataFrame(rows, columns=[*CELL, "n", "least", "most"])


class _Programme:
    """The constraints of one item."""

    def __init__(self, shown: pd.DataFrame, known: Knowledge) -> None:
        self.known = known
        self.groups = {name: known.groups[name].to_numpy() for name in known.groups}
        self.n = self.groups["n"].astype(np.float64)
        self.weight = self.groups["weight"].astype(np.float64)
        rows: list[Floats] = []
        least: list[float] = []
        most: list[float] = []
        shares: dict[tuple[str, ...], Floats] = {}
        for key, percent in zip(
            shown[list(CELL)].itertuples(index=False, name=None), shown["percent"], strict=True
        ):
            member = self.members(key)
            share = np.where(member, self.weight, 0.0) / (self.weight * self.n)[member].sum()
            shares[key] = share
            rows.append(share)
            least.append((percent - ROUNDED) / 100.0)
            most.append((percent + ROUNDED) / 100.0)
            self._rule(key, member, float(percent), rows, least, most)
        for key, before, points in zip(
            shown[list(CELL)].itertuples(index=False, name=None),
            shown["previous_wave"],
            shown["change_points"],
            strict=True,
        ):
            earlier = (str(before), *key[1:])
            if not np.isnan(points) and earlier in shares:
                unit = 1.0 if float(points).is_integer() and abs(points) >= 1 else 0.1
                rows.append(shares[key] - shares[earlier])
                least.append((points - ROUNDED * unit) / 100.0)
                most.append((points + ROUNDED * unit) / 100.0)
        self.rules = optimize.LinearConstraint(
            sparse.csr_array(np.array(rows).reshape(-1, len(self.n))),
            np.array(least) - 1e-9,
            np.array(most) + 1e-9,
        )

    def _rule(
        self,
        key: Sequence[str],
        member: Booleans,
        percent: float,
        rows: list[Floats],
        least: list[float],
        most: list[float],
    ) -> None:
        """A shown figure is above the rule's limit on both sides, unless it may be nobody or everybody."""
        large = key[1] in (TOTAL, "municipality") and key[3:] == (TOTAL, TOTAL)
        limit = self.known.hidden_persons_municipality if large else self.known.hidden_persons
        n = float(self.n[member].sum())
        rows.append(member.astype(np.float64))
        least.append(limit + 1.0 if percent >= 1 else 0.0)
        most.append(n - limit - 1.0 if percent <= 99 else n)

    def members(self, key: Sequence[str]) -> Booleans:
        """The groups a row counts."""
        wave, geography, code, gender, age = key
        inside = self.groups["wave"] == wave
        if geography == "municipality":
            inside = inside & (self.groups["municipality"] == code)
        elif geography == "area":
            inside = inside & (self.groups["stratum"] == code)
        elif geography != TOTAL:
            inside = inside & np.isin(
                self.groups["stratum"].astype(str), sorted(self.known.unions[wave, geography, code])
            )
        if gender == "rest":
            inside = inside & ~np.isin(self.groups["gender"].astype(str), ("woman", "man"))
        elif gender != TOTAL:
            inside = inside & (self.groups["gender"] == gender)
        if age != TOTAL:
            inside = inside & (self.groups["age_group"] == age)
        found: Booleans = np.asarray(inside, dtype=bool)
        return found

    def solve(self, member: Booleans) -> tuple[float, float]:
        """Fewest and most persons on the yes side that agree with everything shown."""
        cost = member.astype(np.float64)
        box = optimize.Bounds(np.zeros(len(cost)), self.n)
        low = optimize.milp(cost, constraints=self.rules, bounds=box)
        high = optimize.milp(-cost, constraints=self.rules, bounds=box)
        if low.fun is None or high.fun is None:
            raise ArithmeticError(f"what is shown contradicts itself: {low.message}")
        return float(low.fun), float(-high.fun)
