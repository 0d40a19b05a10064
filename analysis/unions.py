"""Which municipalities a region or another union consisted of, wave by wave. METHODS.md M-9.

A union that gains or loses a municipality changes for that reason alone; such a difference is not a change in
how people answer, and is not tested.
"""

import pandas as pd

from analysis.schema import Bundle

TOTAL = "all"


def name_left_out(pairs: pd.DataFrame, estimates: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """Say of each pair of waves which municipalities were part of the code in only one of them.

    Args:
        pairs: the table of `changes.previous_waves`: geography, code, wave, previous_wave (str).
        estimates: the table of `estimates.estimate`; a municipality took part when it has rows.
        bundle: its strata and domains say what a union consists of.

    Returns:
        The pairs with `left_out` (str): municipality codes, blank-separated; empty when the same ones took
        part both times, and for municipalities and areas.
    """
    members = _members(estimates, bundle)
    left_out = [
        " ".join(sorted(members.get((code[0], code[1], now), set()) ^ members.get((*code, before), set())))
        for *code, now, before in pairs[["geography", "code", "wave", "previous_wave"]].itertuples(
            index=False, name=None
        )
    ]
    return pairs.assign(left_out=pd.Series(left_out, index=pairs.index, dtype="str"))


def _members(estimates: pd.DataFrame, bundle: Bundle) -> dict[tuple[str, str, str], set[str]]:
    """Municipalities with answers in each union and wave."""
    rows = estimates.loc[estimates["geography"].eq("municipality"), ["wave", "code"]].drop_duplicates()
    rows = rows.astype(str)
    found: dict[tuple[str, str, str], set[str]] = {}
    for wave, codes in rows.groupby("wave")["code"]:
        found[TOTAL, TOTAL, str(wave)] = set(codes)
    if bundle.domains is not None:
        strata = bundle.strata[["wave", "stratum", "municipality_code"]]
        inside = bundle.domains.merge(strata, on=["wave", "stratum"])
        columns = [inside[name].astype(str) for name in ("geography", "code", "wave", "municipality_code")]
        for geography, code, wave, owner in zip(*columns, strict=True):
            if owner in found.get((TOTAL, TOTAL, wave), set()):
                found.setdefault((geography, code, wave), set()).add(owner)
    return found
