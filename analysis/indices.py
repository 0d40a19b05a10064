"""Open indices: the mean of several items' scores on a stated scale, by a published recipe. METHODS.md M-37.

A recipe is a row of indicators.csv of the type `index` and, where the codes themselves are not the scores
(an item that runs the other way, items with different codes), rows of indices.csv. Its fingerprint covers all
that decides a figure, so that the same version with another recipe is found out.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import checks
from analysis.arrays import Floats
from analysis.errors import InputError

DEFAULTS = {"version": "1", "minimum_share": "0.5", "range": "0 100"}
FILE, SCORES = "indicators.csv", "indices.csv"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Recipe:
    """The recipe of one index.

    Attributes:
        indicator, version: its name, and which recipe under that name.
        lowest, highest: ends of the scale, reached by whoever has the lowest or highest score on every item.
        minimum_share: share of the items that must be answered, above 0 and at most 1.
        base: who counts, as in indicators.csv.
        scores: of each item the score of each code; other codes are no answers.
    """

    indicator: str
    version: str
    lowest: float
    highest: float
    minimum_share: float
    base: str
    scores: Mapping[str, Mapping[str, float]]

    @property
    def sha256(self) -> str:
        """Fingerprint of all that decides a figure; the name and the version do not."""
        told = asdict(self)
        del told["indicator"], told["version"]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def identity(self) -> dict[str, object]:
        """What a manifest says of the recipe."""
        names = {"indicator": self.indicator, "version": self.version}
        return {**names, "sha256": self.sha256, "items": list(self.scores)}

    def values(self, positions: npt.NDArray[np.integer]) -> Floats:
        """The index of each person.

        Args:
            positions: items x persons, position of the answer among the item's codes, -1 without one.

        Returns:
            Values from `lowest` to `highest`; NaN for who answered fewer than `minimum_share` of the items.
            Each item's scores are first placed on 0 to 1, so that every item counts alike.
        """
        answered = positions >= 0
        total = np.zeros(positions.shape[1])
        for row, codes in zip(positions, self.scores.values(), strict=True):
            scores = np.array([*codes.values(), 0.0])  # the last for -1
            low, high = scores[:-1].min(), scores[:-1].max()
            total += np.where(row >= 0, (scores[row] - low) / (high - low), 0.0)
        count = answered.sum(axis=0)
        enough = (count > 0) & (count >= self.minimum_share * len(positions) - 1e-9)
        mean = np.where(enough, total / np.maximum(count, 1), np.nan)
        return np.round(self.lowest + (self.highest - self.lowest) * mean, 9)  # equal answers, equal values


def recipes(indicators: pd.DataFrame, scores: pd.DataFrame | None) -> tuple[Recipe, ...]:
    """The recipes of all indices, in the order of indicators.csv.

    Args:
        indicators: the table of a validated bundle.
        scores: its indices, or None.
    """
    rows = indicators[indicators["type"] == "index"].to_dict("records")
    return tuple(recipe({str(name): value for name, value in row.items()}, scores) for row in rows)


def recipe(row: Mapping[str, str], scores: pd.DataFrame | None) -> Recipe:
    """The recipe in one row of indicators.csv, with its scores in indices.csv if there are any."""
    stated = {name: str(row.get(name, "")) or default for name, default in DEFAULTS.items()}
    lowest, highest = (float(end) for end in stated["range"].split())
    own = {item: {code: float(code) for code in row["levels"].split()} for item in row["items"].split()}
    if scores is not None and (mine := scores[scores["index"] == row["indicator"]]).size:
        own = {
            item: {
                str(level): float(score)
                for level, score in mine.loc[mine["item"] == item, ["level", "score"]].itertuples(index=False)
            }
            for item in own
        }
    return Recipe(
        indicator=row["indicator"],
        version=stated["version"],
        lowest=lowest,
        highest=highest,
        minimum_share=float(stated["minimum_share"]),
        base=row.get("base", ""),
        scores=own,
    )


def check_indices(indicators: pd.DataFrame, scores: pd.DataFrame | None, responses: pd.DataFrame) -> None:
    """Every index has a scale, a share and scores for all its items, and every answer a meaning.

    Raises:
        InputError: the first thing that is wrong, in indicators.csv, indices.csv or responses.csv.
    """
    known: dict[str, str] = {}
    for line, row in enumerate(indicators.to_dict("records"), start=2):
        if row["type"] == "index":
            known[str(row["indicator"])] = str(row["items"])
            scored = scores is not None and (scores["index"] == row["indicator"]).any()
            _check_parameters(line, {str(name): str(value) for name, value in row.items()}, bool(scored))
    if scores is not None:
        checks.require_known(SCORES, scores, "index", list(known))
        items = scores["index"].map(known).fillna("").str.split()
        alien = [item not in mine for item, mine in zip(scores["item"], items, strict=True)]
        checks.fail_at(SCORES, scores, "item", alien, "an item of the index in indicators.csv")
    for line, row in enumerate(indicators.to_dict("records"), start=2):
        if row["type"] == "index":
            _check_scores(line, {str(name): str(value) for name, value in row.items()}, scores, responses)


def _check_parameters(line: int, row: Mapping[str, str], scored: bool) -> None:
    """Range, share and levels of one row."""
    ends = (row["range"] or DEFAULTS["range"]).split()
    if len(ends) != 2 or not all(map(NUMBER.fullmatch, ends)) or float(ends[0]) >= float(ends[1]):
        raise InputError(
            FILE, line, "range", repr(row["range"]), "two numbers, the lower first, such as 0 100"
        )
    share = row["minimum_share"] or DEFAULTS["minimum_share"]
    if not NUMBER.fullmatch(share) or not 0 < float(share) <= 1:
        raise InputError(FILE, line, "minimum_share", repr(share), "a number above 0 and at most 1")
    levels = row["levels"].split()
    if not scored and not (len(set(levels)) > 1 and all(map(NUMBER.fullmatch, levels))):
        expected = "two or more numeric levels, since the type is index and indices.csv has no scores for it"
        raise InputError(FILE, line, "levels", repr(row["levels"]), expected)
    if scored and levels:
        expected = "no levels, since indices.csv has the scores"
        raise InputError(FILE, line, "levels", repr(row["levels"]), expected)


def _check_scores(
    line: int, row: Mapping[str, str], scores: pd.DataFrame | None, responses: pd.DataFrame
) -> None:
    """Scores of every item that differ, and no answer without a score or a reason to leave it out."""
    for item, codes in recipe(row, scores).scores.items():
        if len(set(codes.values())) < 2:
            raise _too_few_scores(line, row, item, codes, scores)
        left_out = ["", *row["dont_know"].split(), *row["refused"].split()]
        unknown = ~checks.among(checks.text(responses, item), [*codes, *left_out])
        checks.fail_at("responses.csv", responses, item, unknown, f"a level of the index {row['indicator']}")


def _too_few_scores(
    line: int, row: Mapping[str, str], item: str, codes: Mapping[str, float], scores: pd.DataFrame | None
) -> InputError:
    """Where the scores of an item stand that has fewer than two: in indices.csv, or as levels of the row."""
    expected = f"two or more scores for each item of {row['indicator']}"
    if not codes:
        return InputError(SCORES, 0, "item", f"no item {item}", expected)
    found = f"{len(codes)} levels of the item {item} with one score"
    if (
        scores is None
        or (at := checks.first(scores["index"].eq(row["indicator"]) & scores["item"].eq(item))) is None
    ):
        return InputError(FILE, line, "levels", found, expected)
    return InputError(SCORES, at + 2, "score", found, expected)
