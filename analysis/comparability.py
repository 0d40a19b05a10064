"""Whether two waves may be compared on an indicator, and at what price. METHODS.md M-26.

Three things speak: `comparable_since` of the indicator, the definitions of its items (items.csv) and the
declared breaks (breaks.csv). A break with a bridge moves the earlier figures and adds its own uncertainty;
any other break, and any item that does not read the same in both waves, stops the comparison.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.coherence import area_codes, conditions, recipe_items
from analysis.indicators import headline_statistics
from analysis.keys import AREA, MUNICIPALITY, PLACE, TOTAL
from analysis.schema import Bundle

EVERY = "all"  # of breaks.csv: every indicator


@dataclass(frozen=True)
class Passage:
    """From an earlier wave to a later one, an entry per row of a table.

    Attributes:
        broken: no comparison.
        elsewhere: broken, for no other reason than that a union's municipalities were not all asked each
            time.
        bridge: what is added to the earlier figure, in its units; 0 without a bridge.
        bridge_se: standard error of the bridge, in the same units.
    """

    broken: Mask
    elsewhere: Mask
    bridge: Floats
    bridge_se: Floats


def passage(table: pd.DataFrame, bundle: Bundle) -> Passage:
    """What lies between the two waves of each row. METHODS.md M-26.

    Args:
        table: previous_wave, wave (text; an empty previous_wave is before everything), geography, code,
            indicator, statistic.
        bundle: its indicators, breaks and items.

    Returns:
        An entry per row of the table. Several bridges on the way add up, and so do their variances; a bridge
        is of the headline statistic, and the indicator's other statistics are broken there. A union that is
        more than the municipality a break is of is broken, bridge or not.
    """
    rows = _Rows(table, bundle)
    broken, bridge, variance = (
        rows.before_the_series | rows.redefined,
        np.zeros(len(table)),
        np.zeros(len(table)),
    )
    for declared, crossed, partly in rows.crossed_breaks():
        broken |= partly
        if declared["bridge"] == "":
            broken |= crossed
        else:
            broken |= crossed & ~rows.headline
            bridge += np.where(crossed, float(declared["bridge"]), 0.0)
            variance += np.where(crossed, float(declared["bridge_se"]) ** 2, 0.0)
    elsewhere = rows.asked_elsewhere & ~broken
    return Passage(broken | elsewhere, elsewhere, bridge, np.sqrt(variance))


def broken_municipalities(bundle: Bundle, previous: str, wave: str) -> frozenset[str]:
    """Municipalities none of whose figures can be compared between two waves, as after a new border."""
    if bundle.breaks is None:
        return frozenset()
    table = bundle.breaks
    whole = table["indicator"].eq(EVERY) & table["bridge"].eq("") & table["municipality_code"].ne("")
    between = table["wave"].gt(previous) & table["wave"].le(wave)
    return frozenset(table.loc[whole & between, "municipality_code"])


class _Rows:
    """The rows of a table, seen from what may stand between their waves."""

    def __init__(self, table: pd.DataFrame, bundle: Bundle) -> None:
        self.table, self.bundle = table, bundle
        self.none = np.zeros(len(table), dtype=bool)

    def _text(self, column: str) -> "pd.Series[str]":
        return self.table[column].astype(str)

    @cached_property
    def indicator(self) -> "pd.Series[str]":
        """The indicator of each row."""
        return self._text("indicator")

    @cached_property
    def geography(self) -> "pd.Series[str]":
        """The geography of each row."""
        return self._text("geography")

    @cached_property
    def code(self) -> "pd.Series[str]":
        """The code of each row."""
        return self._text("code")

    @cached_property
    def wave(self) -> "pd.Series[str]":
        """The later wave of each row."""
        return self._text("wave")

    @cached_property
    def previous(self) -> "pd.Series[str]":
        """The earlier wave of each row."""
        return self.table["previous_wave"].astype(object).fillna("").astype(str)

    @property
    def before_the_series(self) -> Mask:
        """The previous wave lies before the one since which the indicator is comparable."""
        began = _beginnings(self.bundle)
        if not any(began.values()):
            return self.none
        before: Mask = self.indicator.map(began).to_numpy(dtype=str) > self.previous.to_numpy(dtype=str)
        return before

    @property
    def redefined(self) -> Mask:
        """An item of the indicator, or of its base, does not have the same definition in both waves."""
        if self.bundle.definitions is None:
            return self.none
        definitions = {
            (wave, item): definition
            for wave, item, definition in self.bundle.definitions[["wave", "item", "definition"]].itertuples(
                index=False
            )
        }
        items = items_of(self.bundle)

        def same(previous: str, wave: str, indicator: str) -> bool:
            pairs = [
                (definitions.get((previous, item)), definitions.get((wave, item)))
                for item in items[indicator]
            ]
            return all(before is not None and before == now for before, now in pairs)

        key = pd.MultiIndex.from_arrays([self.previous, self.wave, self.indicator])
        code, known = pd.factorize(key)
        differs = np.array(
            [previous != "" and not same(previous, wave, name) for previous, wave, name in known]
        )
        redefined: Mask = differs[code] if len(code) else np.zeros(0, dtype=bool)
        return redefined

    @property
    def asked_elsewhere(self) -> Mask:
        """Unions in which a municipality took part both times and was asked the indicator once."""
        unasked, strata = self.bundle.unasked, self.bundle.strata
        elsewhere = self.none.copy()
        if unasked is None or unasked.empty:
            return elsewhere
        pairs = unasked[["municipality_code", "indicator"]].drop_duplicates()
        for code, indicator in pairs.itertuples(index=False, name=None):
            own = unasked["municipality_code"].eq(code) & unasked["indicator"].eq(indicator)
            took_part = strata.loc[strata["municipality_code"].eq(code), "wave"]
            silent = [waves.isin(unasked.loc[own, "wave"]) for waves in (self.previous, self.wave)]
            both = self.previous.isin(took_part) & self.wave.isin(took_part)
            moved = self.indicator.eq(indicator) & both & silent[0].ne(silent[1])
            elsewhere |= moved.to_numpy(dtype=bool) & self._places(code)[1]
        return elsewhere

    @cached_property
    def headline(self) -> Mask:
        """Rows of their indicator's headline statistic."""
        mask: Mask = (
            self._text("statistic")
            .eq(self.indicator.map(headline_statistics(self.bundle)))
            .to_numpy(dtype=bool)
        )
        return mask

    def crossed_breaks(self) -> Iterator[tuple["pd.Series[str]", Mask, Mask]]:
        """Each declared break with the rows on whose way it lies, for all they count and for a part of it."""
        if self.bundle.breaks is None:
            return
        for _, declared in _with_dependents(self.bundle.breaks, self.bundle).iterrows():
            crossed = (
                (self.previous < declared["wave"]) & (self.wave >= declared["wave"]) & self.previous.ne("")
            )
            if declared["indicator"] != EVERY:
                crossed &= self.indicator.eq(declared["indicator"])
            mine, touched = crossed.to_numpy(dtype=bool), self.none
            if declared["municipality_code"] != "":
                whole, part = self._places(declared["municipality_code"])
                # A new border leaves the municipality out of its unions: `broken_municipalities`.
                left_out = declared["indicator"] == EVERY and declared["bridge"] == ""
                mine, touched = mine & whole, self.none if left_out else mine & part
            yield declared, mine, touched

    def _places(self, municipality: str) -> tuple[Mask, Mask]:
        """Rows that are about a municipality and nobody else, and rows of unions that it is a part of."""
        strata = self.bundle.strata
        inside = strata["municipality_code"].eq(municipality)
        whole = self.geography.eq(MUNICIPALITY) & self.code.eq(municipality)
        whole |= self.geography.eq(AREA) & self.code.isin(area_codes(strata)[inside])
        region, alone = self.geography.eq(TOTAL), bool(inside.all())
        whole, part = whole | (region & alone), region & (not alone)
        if self.bundle.domains is not None:
            held = self.bundle.domains
            mine = held["stratum"].isin(strata.loc[inside, "stratum"])
            place = pd.MultiIndex.from_arrays([self.geography, self.code])
            touched, beyond = (
                place.isin(pd.MultiIndex.from_frame(held.loc[rows, PLACE])) for rows in (mine, ~mine)
            )
            whole |= touched & ~beyond
            part |= touched & beyond
        return whole.to_numpy(dtype=bool), part.to_numpy(dtype=bool)


def _beginnings(bundle: Bundle) -> dict[str, str]:
    """The wave since which each indicator is comparable; empty: always.

    Said of an indicator that is one item asked of all, it is said of the item, and holds for all that use it,
    but for what has a break of its own in that wave. Said of several items it could be due to any of them.
    """
    own = bundle.indicators.set_index("indicator")["comparable_since"].fillna("").astype(str).to_dict()
    parts, behind = _parts(bundle), items_of(bundle)
    of_item: dict[str, set[str]] = {}
    for name, (made_of, base) in parts.items():
        if len(made_of) == 1 and not base:
            of_item.setdefault(min(made_of), set()).add(own[name])
    spoken = set[tuple[str, str]]()
    if bundle.breaks is not None:
        everywhere = bundle.breaks[bundle.breaks["municipality_code"].eq("")]
        spoken = set(everywhere[["indicator", "wave"]].itertuples(index=False, name=None))
    return {
        name: max(
            [own[name]]
            + [since for item in items for since in of_item.get(item, ()) if (name, since) not in spoken]
        )
        for name, items in behind.items()
    }


def _with_dependents(breaks: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """The breaks, and those of one indicator also as breaks, without a bridge, of all that use its items.

    What has a row of its own for the same wave and place is not added: that row speaks for it. A bridge over
    several items' figure says nothing of each of them.
    """
    key = ["wave", "indicator", "municipality_code"]
    parts, behind = _parts(bundle), items_of(bundle)
    several = [name for name, (made_of, _) in parts.items() if len(made_of) > 1]
    single = breaks[
        breaks["indicator"].ne(EVERY) & ~(breaks["bridge"].ne("") & breaks["indicator"].isin(several))
    ]
    users = {one: [name for name, items in behind.items() if items & parts[one][0]] for one in parts}
    added = single.assign(indicator=single["indicator"].map(users), bridge="", bridge_se="")
    added = added.explode("indicator")
    own = pd.MultiIndex.from_frame(breaks[key])
    added = added[~pd.MultiIndex.from_frame(added[key]).isin(own)].drop_duplicates(key)
    return pd.concat([breaks, added], ignore_index=True)


def items_of(bundle: Bundle) -> dict[str, frozenset[str]]:
    """The items behind each indicator: those it is made of, and those of its base."""
    return {name: made_of | base for name, (made_of, base) in _parts(bundle).items()}


def _parts(bundle: Bundle) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """The items that each indicator is made of, and those that say who counts."""
    found = {}
    for row in bundle.indicators.itertuples(index=False):
        items = recipe_items(row)
        made_of = items[:1] if row.type == "ratio" else items
        base = [*items[len(made_of) :], *(item for item, _ in conditions(str(row.base)))]
        found[str(row.indicator)] = frozenset(made_of), frozenset(base)
    return found
