"""Item non-response: who was asked, who answered, and how the others passed. METHODS.md M-28.

Routed past, "don't know", "would rather not say" and no answer at all are four different things and are
counted apart.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Ints, Mask
from analysis.asked_items import base_members, code_positions
from analysis.coherence import conditions, recipe_items
from analysis.packed import look_up
from analysis.schema import Bundle
from analysis.weights import Weighted

ITEM_COLUMNS = [
    *["wave", "municipality_code", "item", "asked", "answered", "dont_know", "refused", "missing"],
    *["not_asked", "reason"],
]
FATES = 5
TOGETHER = 3  # items counted at once: what became of them together is a byte
ANSWERED, DONT_KNOW, REFUSED, MISSING, NOT_ASKED = range(FATES)
# Of those who were asked, as the columns of item_nonresponse.csv are called.
FATE_OF = {"answered": ANSWERED, "dont_know": DONT_KNOW, "refused": REFUSED, "missing": MISSING}
Fates = npt.NDArray[np.int8]


@dataclass(frozen=True)
class ItemCounts:
    """Answers counted.

    Attributes:
        items: the columns of responses.csv that hold answers.
        counts: items x designs (position in `Frame.designs`) x what became of it (`ANSWERED` ...), persons.
        answered, asked: items answered by (also "don't know") and put to each row of responses.csv.
    """

    items: tuple[str, ...]
    counts: Ints
    answered: Ints
    asked: Ints


def count_items(weighted: Weighted) -> ItemCounts:
    """What became of each item with each respondent.

    Args:
        weighted: the weights; its bundle says which codes mean don't know and refused, and which items have a
            base (all that routing.csv says of it, else `base` of indicators.csv or the second item of a
            ratio): only persons in it are asked, and whoever answered was evidently asked.

    Returns:
        The counts. An item no recipe knows was put to everybody, and every code is an answer.
    """
    bundle, frame = weighted.bundle, weighted.frame
    designs = len(frame.designs)
    sizes = [one.cells.stop - one.cells.start for one in frame.designs]
    width = FATES**TOGETHER
    design = np.repeat(np.arange(designs) * width, sizes)[frame.cell] if len(frame.cell) else frame.cell
    recipes = _recipes(bundle)
    counts = []
    answered, asked = np.zeros(len(bundle.responses), np.int16), np.zeros(len(bundle.responses), np.int16)
    for start in range(0, len(bundle.items), TOGETHER):
        items = bundle.items[start : start + TOGETHER]
        together = np.zeros(len(bundle.responses), np.int8)
        for item in items:
            together *= FATES
            together += _fates(bundle, item, recipes.get(item, _Recipe()))
        # Of fewer items, those before the first would all have been answered.
        each = np.array(np.unravel_index(np.arange(width), (FATES,) * TOGETHER))[-len(items) :]
        found = np.bincount(design + together, minlength=designs * width).reshape(designs, width)
        counts += [found @ (fate[:, None] == np.arange(FATES)) for fate in each]
        answered += look_up(((each == ANSWERED) | (each == DONT_KNOW)).sum(axis=0, dtype=np.int8), together)
        asked += look_up((each != NOT_ASKED).sum(axis=0, dtype=np.int8), together)
    stacked = np.array(counts, dtype=np.int64).reshape(-1, designs, FATES)
    return ItemCounts(bundle.items, stacked, answered.astype(np.int64), asked.astype(np.int64))


def item_nonresponse(weighted: Weighted, found: ItemCounts) -> pd.DataFrame:
    """The counts as a table.

    Args:
        weighted: the weights.
        found: what `count_items` gives.

    Returns:
        The columns `ITEM_COLUMNS`, unweighted persons: asked = answered + dont_know + refused + missing, and
        asked + not_asked = the respondents of the municipality; reason empty. Municipalities without answers
        have no rows.
    """
    designs = weighted.frame.designs
    present = np.flatnonzero([one.respondents.sum() > 0 for one in designs])
    counts = found.counts[:, present].transpose(1, 0, 2).reshape(-1, FATES)
    items = len(found.items)
    columns: dict[str, object] = {
        "wave": np.repeat([designs[place].wave for place in present], items),
        "municipality_code": np.repeat([designs[place].municipality_code for place in present], items),
        "item": np.tile(np.array(found.items, dtype=object), len(present)),
        "asked": counts[:, :NOT_ASKED].sum(axis=1),
    }
    columns |= {name: counts[:, fate] for name, fate in FATE_OF.items()}
    table = pd.DataFrame({**columns, "not_asked": counts[:, NOT_ASKED], "reason": ""})
    return table.astype(dict.fromkeys(["wave", "municipality_code", "item", "reason"], "str"))[ITEM_COLUMNS]


def follow_ups(bundle: Bundle) -> frozenset[str]:
    """The items put only to those with something sensitive: how many were asked is a sensitive count.

    Something is sensitive when an item of the condition is one of a sensitive indicator, or of none.
    """
    harmless, sensitive = set[str](), set[str]()
    for row in bundle.indicators.itertuples(index=False):
        (sensitive if row.sensitive else harmless).update(recipe_items(row))
    harmless -= sensitive
    return frozenset(item for item, recipe in _recipes(bundle).items() if recipe.asks() - harmless)


@dataclass
class _Recipe:
    """What the recipes say of one item."""

    dont_know: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    routed: tuple[str, ...] = ()  # conditions of routing.csv, which must all hold
    victims: tuple[tuple[str, tuple[str, ...]], ...] = ()  # the second item of a ratio, and its yes codes

    def asks(self) -> set[str]:
        """The items that decide to whom it was put."""
        bases = [item for base in (*self.bases, *self.routed) for item, _ in conditions(base)]
        return {*bases, *(item for item, _ in self.victims)}


def _recipes(bundle: Bundle) -> dict[str, _Recipe]:
    """All that indicators.csv says of each item."""
    found: dict[str, _Recipe] = {}
    for row in bundle.indicators.itertuples(index=False):
        items = recipe_items(row)
        for place, item in enumerate(items):
            one = found.setdefault(item, _Recipe())
            one.dont_know += tuple(str(row.dont_know).split())
            one.refused += tuple(str(row.refused).split())
            if str(row.base).strip() and row.type in ("binary", "ordinal"):
                one.bases += (str(row.base),)
            if row.type == "ratio" and place == 0:
                one.victims += ((items[1], tuple(str(row.yes).split())),)
    if bundle.routing is not None:
        for item, base in bundle.routing[["item", "base"]].itertuples(index=False):
            found.setdefault(str(item), _Recipe()).routed += (str(base),)
    return found


def _fates(bundle: Bundle, item: str, recipe: _Recipe) -> Fates:
    """What became of the item with each respondent."""
    column = bundle.responses[item]
    passed = ("", *recipe.dont_know, *recipe.refused)
    place = code_positions(column, passed)
    fates = [MISSING, *[DONT_KNOW] * len(recipe.dont_know), *[REFUSED] * len(recipe.refused), ANSWERED]
    fate: Fates = look_up(np.array(fates, np.int8), place)
    asked = _asked(bundle, recipe)
    if asked is not None:
        fate[(fate == MISSING) & ~asked] = NOT_ASKED
    return fate


def _asked(bundle: Bundle, recipe: _Recipe) -> Mask | None:
    """To whom the item was put; None for everybody."""
    if recipe.routed:
        met: Mask = np.logical_and.reduce([base_members(base, bundle.responses) for base in recipe.routed])
        return met
    bases = [base_members(base, bundle.responses) for base in recipe.bases]
    bases += [code_positions(bundle.responses[other], codes) >= 0 for other, codes in recipe.victims]
    if not bases:
        return None
    member: Mask = np.logical_or.reduce(bases)
    return member
