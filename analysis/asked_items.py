"""What was put to whom, as far as recipes, routing.csv and the answers tell. METHODS.md M-6 and M-28."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Ints, Mask
from analysis.coherence import conditions
from analysis.packed import find_rows, look_up, unpack
from analysis.schema import Bundle

Level = npt.NDArray[np.signedinteger]
FEWEST_ASKED = 5  # persons; of fewer, silence does not say that the item was left out


def base_members(base: str, responses: pd.DataFrame) -> Mask:
    """Who meets any of the conditions, such as `q04=1|q05=2`; everyone when there are none."""
    pairs = conditions(base)
    if not pairs:
        return np.ones(len(responses), dtype=bool)
    met: Mask = np.logical_or.reduce([code_positions(responses[item], [code]) >= 0 for item, code in pairs])
    return met


def code_positions(column: "pd.Series[str]", codes: Sequence[str]) -> Level:
    """Position of each answer among the codes, -1 when it is none; missing counts as the empty code."""
    answer, names = unpack(column)
    place = {code: position for position, code in enumerate(codes)}
    # A missing answer has code -1: the last entry.
    table = np.array([place.get(name, -1) for name in (*names, "")], np.min_scalar_type(-len(codes) - 1))
    positions: Level = look_up(table, answer)
    return positions


class Questionnaires:
    """What each wave, and each municipality in it, was asked: figures made of several items need them all."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def with_all(self, items: Sequence[str], base: Mask) -> Mask:
        """The respondents of waves and municipalities that asked every one of the items.

        Args:
            items: columns of responses.csv.
            base: the respondents that the items are asked of, so far as the recipe says.

        Returns:
            An entry per row of responses.csv. A wave, or a municipality in a wave, has left an item out when
            nobody there answered it ("don't know" is an answer) although it was to be put to `FEWEST_ASKED`
            persons or more: those of the base who meet all that routing.csv says of it.
        """
        held = np.ones(len(base), dtype=bool)
        for item in items:
            answered = code_positions(self._bundle.responses[item], [""]) < 0
            asked = answered | (base & self._routed(item))
            for place in self._places:
                counts = [np.bincount(place[rows], minlength=place.max() + 1) for rows in (asked, answered)]
                held &= ~((counts[0] >= FEWEST_ASKED) & (counts[1] == 0))[place]
        return held

    def _routed(self, item: str) -> Mask:
        """Who meets every row of routing.csv about an item."""
        member = np.ones(len(self._bundle.responses), dtype=bool)
        if self._bundle.routing is not None:
            routing = self._bundle.routing
            for base in routing.loc[routing["item"].eq(item), "base"]:
                member &= base_members(str(base), self._bundle.responses)
        return member

    @cached_property
    def _places(self) -> tuple[Ints, ...]:
        """Number of each respondent's wave, and of the municipality in it; nothing without respondents."""
        bundle = self._bundle
        if not len(bundle.responses):
            return ()
        drawn = bundle.sample.iloc[bundle.sample_row]
        stratum = find_rows(drawn, ["wave", "stratum"], bundle.strata)
        keys = bundle.strata[["wave", "municipality_code"]]
        wave, _ = pd.factorize(keys["wave"])
        place, _ = pd.factorize(pd.MultiIndex.from_frame(keys))
        return wave[stratum], place[stratum]
