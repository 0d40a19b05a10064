"""More than two waves, where asked for: pooled, at a fixed composition, and followed over time.

Each table rests on what may be shown of its parts. METHODS.md M-22, M-24, M-25.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from analysis import disclosure, estimates, pooling, standardisation, trends, unions
from analysis.domains import Sums
from analysis.ground import Ground, matched_covariances
from analysis.keys import PLACE
from analysis.packed import find_rows
from analysis.reasons import BREAK
from analysis.schema import Bundle
from analysis.weights import Weighted


def pooled(weighted: Weighted, sums: Sums, count: int, screened: pd.DataFrame | None) -> pd.DataFrame:
    """Each code's last waves as one sample; nothing across a break, nothing of hidden parts of `screened`."""
    bundle = weighted.bundle
    wanted = pooling.last_waves(sums, count)
    common, _ = unions.on_common_ground(sums, unions.common_parts(sums, bundle, wanted))
    for apart in unions.not_followed(sums, bundle, wanted):
        del wanted[apart]
    covariances = matched_covariances(weighted, common, every_pair(bundle))
    table = estimates.estimate(weighted, sums=pooling.pool(common, wanted, covariances))
    if table.empty:
        return pd.DataFrame(columns=disclosure.ESTIMATE_COLUMNS)
    table = disclosure.screen(table, bundle, weighted.settings)
    broken = pooling.across_break(table, bundle)
    reason = table["reason"].astype("str").where(~broken, BREAK)
    table = table.assign(released=table["released"].where(~broken, 0), reason=reason)
    if screened is not None:
        table = disclosure.hide_exposed(table, pooling.of_hidden_parts(table, screened, sums, bundle), bundle)
        table = disclosure.protect(disclosure.round_bases(table, bundle))
    return table[disclosure.ESTIMATE_COLUMNS]


def standardised(
    weighted: Weighted, sums: Sums, compared: pd.DataFrame, ground: Ground, protected: bool
) -> pd.DataFrame:
    """Changes at the previous wave's composition; nothing of hidden cells."""
    steady = standardisation.standardised_changes(weighted, sums, compared, weighted.settings)
    if not protected:
        return steady
    cells = standardisation.hidden_cells(steady, ground.estimates)
    return disclosure.protect(disclosure.hide_exposed(steady, cells, weighted.bundle))


def followed(weighted: Weighted, sums: Sums, screened: pd.DataFrame, protected: bool) -> pd.DataFrame:
    """Trends, unions on the municipalities they had in all their waves; without those, no trend."""
    bundle = weighted.bundle
    wanted: dict[tuple[str, str], list[str]] = {}
    for wave, geography, code in sorted(sums.parts):
        wanted.setdefault((geography, code), []).append(wave)
    apart = pd.DataFrame(unions.not_followed(sums, bundle, wanted), columns=PLACE)
    if parts := unions.common_parts(sums, bundle, wanted):
        sums, alone = unions.on_common_ground(sums, parts)
        common = estimates.estimate(weighted, sums=alone)
        common = disclosure.screen(common, bundle, weighted.settings)
        # What is shown nowhere else is not followed either.
        common = disclosure.hide_exposed(common, np.full(len(common), protected), bundle)
        screened = unions.replaced(screened, common)
    screened = screened[find_rows(screened, PLACE, apart) < 0]
    together = matched_covariances(weighted, sums, every_pair(bundle))
    return trends.trends(screened, bundle, weighted.settings, together)


def every_pair(bundle: Bundle) -> pd.DataFrame:
    """Every two waves of a bundle."""
    return pd.DataFrame(combinations(bundle.waves, 2), columns=["previous_wave", "wave"])
