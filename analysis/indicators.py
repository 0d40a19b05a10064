"""Indicators: from raw codes to the level each respondent stands on, by recipes that are data.

A recipe is a row of indicators.csv. Everything an estimate needs of a respondent and an indicator is one
small number, the position among the indicator's levels, or -1 outside the base: not asked, not answered, or
an answer the recipe leaves out ("vet ej", unless its code is among the levels).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import indices
from analysis.arrays import Floats, Ints, Mask
from analysis.asked_items import Level, Questionnaires, base_members, code_positions
from analysis.packed import look_up, unpack
from analysis.schema import Bundle

PIECE = 1 << 16  # persons whose answers are put side by side at a time


@dataclass(frozen=True)
class Measured:
    """One indicator, measured.

    Attributes:
        indicator: its name.
        level: position among the levels of each respondent, in the order of responses.csv; -1 outside
            the base.
        codes: name of each level.
        scores: value of each level; the code itself for ordinal items, 0 and 1 otherwise.
        yes: 1 for levels that count as yes, else 0.
        statistics: what is estimated, the headline statistic first.
    """

    indicator: str
    level: Level
    codes: tuple[str, ...]
    scores: Floats
    yes: Floats
    statistics: tuple[str, ...]

    def values(self, statistic: str) -> Floats:
        """Value of each level in a statistic."""
        if statistic == "proportion":
            return self.yes
        if statistic == "mean":
            return self.scores
        return np.array([float(f"p{code}" == statistic) for code in self.codes])


@dataclass(frozen=True)
class Variables:
    """All statistics of all indicators, as columns over stacked levels.

    Attributes:
        measured: the indicators.
        of_indicator: indicator of each variable.
        statistic: statistic of each variable.
    """

    measured: tuple[Measured, ...]
    of_indicator: Ints
    statistic: tuple[str, ...]

    @cached_property
    def is_mean(self) -> Mask:
        """Whether a variable is a mean."""
        flags: Mask = np.array([name == "mean" for name in self.statistic], dtype=np.bool_)
        return flags

    @cached_property
    def headline(self) -> Ints:
        """The variables that are their indicator's headline statistic, in the order of the indicators."""
        first: Ints = np.flatnonzero(np.r_[True, np.diff(self.of_indicator) > 0])
        return first

    @cached_property
    def offsets(self) -> Ints:
        """First stacked level of each indicator, and the number of stacked levels last."""
        edges: Ints = np.r_[0, np.cumsum([len(one.codes) for one in self.measured])].astype(np.int64)
        return edges

    @cached_property
    def stacked(self) -> npt.NDArray[np.integer]:
        """Respondents x indicators: stacked level of each answer, one past the last outside the base."""
        outside, persons = int(self.offsets[-1]), len(self.measured[0].level)
        # A person's answers side by side are taken together, and no two of them are counted in one place.
        places = np.empty((persons, len(self.measured)), np.min_scalar_type(outside))
        for start in range(0, persons, PIECE):
            rows = slice(start, start + PIECE)
            for number, one in enumerate(self.measured):
                levels = np.arange(self.offsets[number], self.offsets[number + 1])
                known = np.append(levels, outside).astype(places.dtype)
                places[rows, number] = look_up(known, one.level[rows])
        return places

    @cached_property
    def base(self) -> Ints:
        """Column of `columns` with the base of each variable."""
        return len(self.statistic) + self.of_indicator

    @cached_property
    def square(self) -> Ints:
        """Column of `columns` with the squares of each variable: itself when its values are 0 and 1."""
        place = np.arange(len(self.statistic))
        place[self._scored] = len(place) + len(self.measured) + np.arange(len(self._scored))
        return place

    @cached_property
    def _values(self) -> Floats:
        """Stacked levels x variables: the value of a level in a variable."""
        values = np.zeros((int(self.offsets[-1]), len(self.statistic)))
        for variable, (indicator, statistic) in enumerate(
            zip(self.of_indicator, self.statistic, strict=True)
        ):
            levels = slice(self.offsets[indicator], self.offsets[indicator + 1])
            values[levels, variable] = self.measured[indicator].values(statistic)
        return values

    @cached_property
    def _scored(self) -> Ints:
        """The variables that are not the count of one level."""
        single = ((self._values != 0).sum(axis=0) == 1) & (self._values.max(axis=0) == 1)
        return np.flatnonzero(~single)

    @cached_property
    def _level(self) -> Ints:
        """The stacked level that each variable counts, when it counts one."""
        level: Ints = self._values.argmax(axis=0)
        return level

    @cached_property
    def _computed(self) -> Floats:
        """Stacked levels x (variables that are not the count of one level, bases, squares of the former)."""
        levels = np.arange(int(self.offsets[-1]))[:, None]
        bases = (levels >= self.offsets[:-1]) & (levels < self.offsets[1:])
        scored = self._values[:, self._scored]
        return np.hstack([scored, bases.astype(np.float64), scored**2])

    def answers(self, rows: Ints, variables: Ints) -> tuple[Floats, Floats]:
        """Value (0 outside the base) and whether answered, persons of these rows x these variables."""
        y = np.zeros((len(rows), len(variables)))
        m = np.zeros_like(y)
        for column, variable in enumerate(variables.tolist()):
            one = self.measured[self.of_indicator[variable]]
            level = one.level[rows]
            m[:, column] = level >= 0
            y[:, column] = np.where(level >= 0, one.values(self.statistic[variable])[level], 0.0)
        return y, m

    def columns(self, counts: Floats) -> Floats:
        """Everything that is added up: variables, bases of the indicators, squares of scored variables.

        Args:
            counts: ... x stacked levels, persons.

        Returns:
            ... x columns: the sum of each variable first, then the persons answering each indicator; `base`
            and `square` say which column belongs to a variable.
        """
        variables, scored = len(self.statistic), len(self._scored)
        computed = counts @ self._computed
        found = np.empty((*counts.shape[:-1], variables + computed.shape[-1] - scored))
        found[..., :variables] = counts[..., self._level]
        found[..., self._scored] = computed[..., :scored]
        found[..., variables:] = computed[..., scored:]
        return found


def measure(bundle: Bundle) -> Variables:
    """Measure every indicator of a bundle.

    Args:
        bundle: a validated bundle.

    Returns:
        Indicators in the order of indicators.csv. `any`: yes when any item is yes, no when at least one was
        answered and none is yes. `ratio`: share with yes on the first item among those with yes on the
        second. `index`: `indices.Recipe.values`. `any` and `index` are only of waves, and municipalities in
        them, that asked all of their items.
    """
    recipes = [
        {str(name): value for name, value in row.items()} for row in bundle.indicators.to_dict("records")
    ]
    questionnaires = Questionnaires(bundle)
    measured = tuple(_measure(recipe, bundle, questionnaires) for recipe in recipes)
    pairs = [(number, name) for number, one in enumerate(measured) for name in one.statistics]
    of_indicator = np.array([number for number, _ in pairs], dtype=np.int64)
    return Variables(measured, of_indicator, tuple(name for _, name in pairs))


def headline_statistics(bundle: Bundle) -> dict[str, str]:
    """Headline statistic of each indicator: `mean` for an ordinal item without yes codes and for an index."""
    means = (bundle.indicators["type"] == "index") | (
        (bundle.indicators["type"] == "ordinal") & (bundle.indicators["yes"] == "")
    )
    return {
        str(name): "mean" if mean else "proportion"
        for name, mean in zip(bundle.indicators["indicator"], means, strict=True)
    }


def on_headline(table: pd.DataFrame, bundle: Bundle) -> Mask:
    """Rows of a table (indicator, statistic) that hold their indicator's headline statistic."""
    indicator, indicators = unpack(table["indicator"])
    statistic, statistics = unpack(table["statistic"])
    wanted = headline_statistics(bundle)
    # One entry more each way: a missing text has code -1.
    pairs = np.zeros((len(indicators) + 1, len(statistics) + 1), dtype=bool)
    for row, name in enumerate(indicators):
        if wanted.get(name) in statistics:
            pairs[row, statistics.index(wanted[name])] = True
    found: Mask = pairs[indicator, statistic]
    return found


def ranges(bundle: Bundle) -> dict[str, float]:
    """Largest less smallest score of each indicator; 1 where yes and no are all there is."""
    found = {}
    for row in bundle.indicators.itertuples(index=False):
        stated = "0 1"
        if row.type == "ordinal":
            stated = str(row.levels)
        elif row.type == "index":
            stated = str(row.range) or indices.DEFAULTS["range"]
        scores = [float(level) for level in stated.split()]
        found[str(row.indicator)] = max(scores) - min(scores)
    return found


def _measure(recipe: dict[str, str], bundle: Bundle, questionnaires: Questionnaires) -> Measured:
    """One indicator."""
    responses = bundle.responses
    base = base_members(recipe["base"], responses)
    kind, name = recipe["type"], recipe["indicator"]
    if kind in ("any", "index"):
        base &= questionnaires.with_all(recipe["items"].split(), base)
    if kind == "ordinal":
        return _ordinal(recipe, responses, base)
    if kind == "index":
        return _index(indices.recipe(recipe, bundle.indices), responses, base)
    if kind == "ratio":
        numerator, denominator = recipe["items"].split()
        yes, answered = _yes_answered(recipe, numerator, responses)
        base &= _yes_answered(recipe, denominator, responses)[0]
    else:
        items = recipe["items"].split() if kind == "any" else [recipe["item"]]
        pairs = [_yes_answered(recipe, item, responses) for item in items]
        yes = np.logical_or.reduce([one for one, _ in pairs])
        answered = np.logical_or.reduce([one for _, one in pairs])
    level = np.where(base & answered, yes.astype(np.int8), -1)
    both = np.array([0.0, 1.0])
    return Measured(name, level, ("no", "yes"), both, both, ("proportion",))


def _ordinal(recipe: dict[str, str], responses: pd.DataFrame, base: Mask) -> Measured:
    """Levels as they are; a proportion too when the recipe says which levels count as yes."""
    codes = tuple(recipe["levels"].split())
    level = np.where(base, code_positions(responses[recipe["item"]], codes), -1)
    yes_codes = recipe["yes"].split()
    yes = np.array([float(code in yes_codes) for code in codes])
    shares = tuple(f"p{code}" for code in codes)
    statistics = ("proportion", "mean", *shares) if yes_codes else ("mean", *shares)
    return Measured(recipe["indicator"], level, codes, np.array(codes, dtype=np.float64), yes, statistics)


def _index(recipe: indices.Recipe, responses: pd.DataFrame, base: Mask) -> Measured:
    """Every value of an index that occurs is a level."""
    looked_up = [code_positions(responses[item], list(codes)) for item, codes in recipe.scores.items()]
    positions = np.vstack(looked_up).astype(np.int64)
    scores = recipe.values(positions)
    complete = base & ~np.isnan(scores)
    values, level = np.unique(scores[complete], return_inverse=True)
    placed = np.full(len(responses), -1, dtype=np.int64)
    placed[complete] = level
    if len(values) == 0:
        values = np.array([recipe.lowest])
    codes = tuple(f"{value:g}" for value in values)
    return Measured(recipe.indicator, placed, codes, values, np.zeros(len(values)), ("mean",))


def _yes_answered(recipe: dict[str, str], item: str, responses: pd.DataFrame) -> tuple[Mask, Mask]:
    """Whether each respondent says yes on an item, and whether the answer belongs to the base."""
    column = responses[item]
    yes = code_positions(column, recipe["yes"].split()) >= 0
    if recipe["levels"]:
        return yes, code_positions(column, recipe["levels"].split()) >= 0
    left_out = ["", *recipe["dont_know"].split(), *recipe["refused"].split()]
    return yes, (code_positions(column, left_out) < 0)
