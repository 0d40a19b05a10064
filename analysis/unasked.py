"""Municipalities that left an item out: without them a union's figure is about others. METHODS.md M-9."""

import numpy as np
import pandas as pd

from analysis.asked_items import FEWEST_ASKED, Questionnaires, base_members, code_positions
from analysis.blocks import N
from analysis.coherence import recipe_items
from analysis.domains import Sums
from analysis.keys import MUNICIPALITY
from analysis.packed import texts
from analysis.schema import Bundle

COLUMNS = ["wave", "municipality_code", "indicator"]


def find_unasked(bundle: Bundle, sums: Sums, places: pd.DataFrame) -> pd.DataFrame:
    """What some municipalities of a wave were not asked and others were.

    Args:
        bundle: recipes, routing and answers.
        sums: of the bundle: only where nobody counts are the answers looked through.
        places: wave and municipality_code of each row of responses.csv.

    Returns:
        The columns `COLUMNS`, as `asked_items.Questionnaires.with_all` knows what was left out.
    """
    silent: dict[str, list[tuple[str, str]]] = {}
    for block in sums.blocks:
        if block.geography == MUNICIPALITY and block.members[0] >= FEWEST_ASKED:
            for number in np.flatnonzero(block.values[N, 0, sums.variables.headline] == 0):
                name = sums.variables.measured[number].indicator
                silent.setdefault(name, []).append((block.wave, block.code))
    if not silent:
        return pd.DataFrame(columns=COLUMNS)
    questionnaires = Questionnaires(bundle)
    wave, municipality = texts(places["wave"]), texts(places["municipality_code"])
    found = []
    for row in bundle.indicators[bundle.indicators["indicator"].isin(list(silent))].itertuples(index=False):
        base = base_members(str(row.base), bundle.responses)
        items = recipe_items(row)
        held = questionnaires.with_all(items[-1:] if row.type == "ratio" else items, base)
        if row.type == "ratio":
            base &= code_positions(bundle.responses[items[1]], str(row.yes).split()) >= 0
            held &= questionnaires.with_all(items[:1], base)
        asked_somewhere = set(wave[held])
        for place in silent[str(row.indicator)]:
            mine = (wave == place[0]) & (municipality == place[1])
            if place[0] in asked_somewhere and not held[mine].any():
                found.append((*place, str(row.indicator)))
    return pd.DataFrame(found, columns=COLUMNS)
