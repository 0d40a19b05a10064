"""What breaks.csv, items.csv and routing.csv must say: about what exists, and bridges in its units.

Each check raises an `InputError` for the first row that does not hold. METHODS.md M-26.
"""

import numpy as np
import pandas as pd

from analysis import checks
from analysis.coherence import check_conditions, stated_codes

BREAK_CAUSES = ("mode", "wording", "age", "frame", "border", "definition")


def check_continuity(tables: dict[str, pd.DataFrame]) -> None:
    """Breaks, definitions and routing against the other tables of the bundle, where there are any."""
    # A wave that is known only as published has a place in the series, too.
    waves = sorted(
        {wave for name in ("strata", "published") if name in tables for wave in tables[name]["wave"]}
    )
    if "breaks" in tables:
        _check_breaks(tables["breaks"], waves, tables["strata"], tables["indicators"])
    if "definitions" in tables:
        _check_definitions(tables["definitions"], waves, tables["responses"])
    if "routing" in tables:
        _check_routing(tables["routing"], tables["responses"], tables["indicators"])


def _check_breaks(
    breaks: pd.DataFrame, waves: list[str], strata: pd.DataFrame, indicators: pd.DataFrame
) -> None:
    """A break is of what exists, and a bridge comes in the figure's units and with its uncertainty."""
    file = "breaks.csv"
    checks.require_known(file, breaks, "wave", waves)
    checks.require_known(file, breaks, "indicator", ["all", *indicators["indicator"]])
    checks.require_known(file, breaks, "municipality_code", ["", *sorted(set(strata["municipality_code"]))])
    checks.require_known(file, breaks, "cause", BREAK_CAUSES)
    number = "a number, such as 0.02 for two points, or empty"
    bridge = checks.signed(file, breaks, "bridge", number)
    error = checks.signed(file, breaks, "bridge_se", number)
    bridged = ~np.isnan(bridge)
    unnamed = bridged & breaks["indicator"].eq("all").to_numpy()
    checks.fail_at(file, breaks, "indicator", unnamed, "one indicator, since a bridge is of one")
    kind = breaks["indicator"].map(indicators.set_index("indicator")["type"])
    share = kind.isin(["binary", "any", "ratio"]).to_numpy()
    percent = bridged & share & (np.abs(bridge) >= 1)
    checks.fail_at(file, breaks, "bridge", percent, "a part of 1, such as 0.02 for two points")
    unsure = bridged & ~(error >= 0)
    checks.fail_at(file, breaks, "bridge_se", unsure, "the standard error of the bridge, 0 or more")
    stray = ~bridged & ~np.isnan(error)
    checks.fail_at(file, breaks, "bridge_se", stray, "nothing, since there is no bridge")


def _check_definitions(definitions: pd.DataFrame, waves: list[str], responses: pd.DataFrame) -> None:
    """A definition is of an item of the answers, in a wave of the bundle."""
    file = "items.csv"
    checks.require_known(file, definitions, "wave", waves)
    checks.require_known(file, definitions, "item", [str(column) for column in responses.columns])


def _check_routing(routing: pd.DataFrame, responses: pd.DataFrame, indicators: pd.DataFrame) -> None:
    """An item of the answers, and conditions on others."""
    file, stated = "routing.csv", stated_codes(indicators)
    checks.require_known(file, routing, "item", [str(column) for column in responses.columns])
    for line, base in enumerate(routing["base"], start=2):
        check_conditions(file, line, str(base), responses, stated)
