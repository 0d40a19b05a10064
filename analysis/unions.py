"""A region or another union on the municipalities it had in every wave compared. METHODS.md M-9.

A union that gains or loses a municipality, or other parts of one, changes for that reason alone. It is
therefore compared on the municipalities that took part each time with the same ground, and those left out are
named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.arrays import Mask
from analysis.blocks import Block, Key, combined
from analysis.comparability import broken_municipalities
from analysis.domains import Sums
from analysis.keys import ESTIMATE, PLACE
from analysis.packed import find_rows
from analysis.schema import Bundle

FEWEST = 2  # municipalities: the change of one alone is that municipality's, not the union's
APART = " on its common municipalities"  # of the code of a union, inside the program


def common_municipalities(
    sums: Sums, bundle: Bundle, geography: str, code: str, waves: Sequence[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Municipalities of a union in all of some waves, and those left out because they were not.

    Args:
        sums: the domain sums; a municipality took part when it has answers, and is common when the union
            holds all of it every time, or the same parts of it.
        bundle: its breaks; a municipality with a break of everything between the waves is left out.
        geography, code: the union; a municipality or an area has neither common nor left-out municipalities.
        waves: the earliest first.
    """
    members = [set(sums.parts.get((wave, geography, code), {})) for wave in waves]
    ground = [sums.territories.get((wave, geography, code), {}) for wave in waves]
    common = {one for one in set.intersection(*members) if len({of_wave.get(one) for of_wave in ground}) == 1}
    for previous, wave in pairwise(waves):
        common -= broken_municipalities(bundle, previous, wave)
    return frozenset(common), frozenset(set.union(*members) - common)


def name_left_out(pairs: pd.DataFrame, sums: Sums, bundle: Bundle) -> pd.DataFrame:
    """Say of each pair of waves which municipalities the code is not compared on. METHODS.md M-9.

    Args:
        pairs: the table of `changes.previous_waves`: geography, code, wave, previous_wave (str).
        sums, bundle: as in `common_municipalities`.

    Returns:
        The pairs with `left_out` (str): municipality codes, blank-separated; empty when the same ones took
        part both times, and for municipalities and areas; and `on_common` (bool): left out are some, and
        enough remain for a comparison.
    """
    found = [
        common_municipalities(sums, bundle, geography, code, (previous, wave))
        for geography, code, wave, previous in pairs[[*PLACE, "wave", "previous_wave"]].itertuples(
            index=False, name=None
        )
    ]
    left_out = pd.Series([" ".join(sorted(out)) for _, out in found], index=pairs.index, dtype="str")
    enough = pd.Series([bool(out) and len(common) >= FEWEST for common, out in found], index=pairs.index)
    return pairs.assign(left_out=left_out, on_common=enough.astype(bool))


def of_others(table: pd.DataFrame) -> Mask:
    """Rows of a union that has too few municipalities in common with its previous wave."""
    if "left_out" not in table:
        return np.zeros(len(table), dtype=bool)
    others: Mask = (table["left_out"].fillna("").ne("") & table["on_common"].eq(False)).to_numpy(dtype=bool)
    return others


def common_parts(
    sums: Sums, bundle: Bundle, wanted: Mapping[tuple[str, str], Sequence[str]]
) -> dict[Key, dict[str, Block]]:
    """What the unions consist of on their common municipalities.

    Args:
        sums, bundle: as in `common_municipalities`.
        wanted: geography and code of each union, with the waves to compare.

    Returns:
        The block of each common municipality, for each union and wave whose municipalities are not all
        common; nothing for a union with fewer than `FEWEST` in common.
    """
    parts = {}
    for (geography, code), waves in wanted.items():
        common, left_out = common_municipalities(sums, bundle, geography, code, waves)
        if left_out and len(common) >= FEWEST:
            for wave in waves:
                key = (wave, geography, code)
                parts[key] = {one: sums.parts[key][one] for one in sorted(common)}
    return parts


def not_followed(
    sums: Sums, bundle: Bundle, wanted: Mapping[tuple[str, str], Sequence[str]]
) -> list[tuple[str, str]]:
    """The unions that are not the same in all their waves and have too few municipalities in common.

    Args:
        sums, bundle, wanted: as in `common_parts`.
    """
    found = {key: common_municipalities(sums, bundle, *key, waves) for key, waves in wanted.items()}
    return [key for key, (common, left_out) in found.items() if left_out and len(common) < FEWEST]


def beside(table: pd.DataFrame, common: pd.DataFrame) -> pd.DataFrame:
    """The rows of the common municipalities after those of the whole unions, under codes of their own.

    Args:
        table: estimates.
        common: the same columns, for some unions on their common municipalities.

    Returns:
        The rows of both, keys as str; `apart` says which are those of `common`.
    """
    keys = dict.fromkeys([*ESTIMATE, "reason"], "str")
    apart = common.astype(keys).assign(code=common["code"].astype("str") + APART, apart=True)
    return pd.concat([table.astype(keys).assign(apart=False), apart], ignore_index=True)


def renamed(changes: pd.DataFrame, common: pd.DataFrame) -> pd.DataFrame:
    """The changes, those between common municipalities under the codes of `beside`."""
    key = ["wave", *PLACE]
    those = find_rows(changes, key, common) >= 0
    return changes.assign(
        code=changes["code"].astype("str").mask(those, changes["code"].astype("str") + APART)
    )


def on_common_ground(sums: Sums, parts: Mapping[Key, Mapping[str, Block]]) -> tuple[Sums, Sums]:
    """The sums with unions made of the parts of `common_parts` instead, and these unions alone."""
    instead = {key: combined(key, of.values()) for key, of in parts.items()}
    blocks = tuple(instead.get((block.wave, block.geography, block.code), block) for block in sums.blocks)
    both = replace(sums, blocks=blocks, parts={**sums.parts, **parts})
    return both, replace(both, blocks=tuple(instead.values()))


def replaced(table: pd.DataFrame, common: pd.DataFrame) -> pd.DataFrame:
    """The table with the rows of `common` in the place of those of the same wave, geography and code.

    Args:
        table: estimates or gaps, one or more rows per wave, geography and code.
        common: rows of the same columns for some of them.

    Returns:
        A table in the order of `table`, with its dtypes.
    """
    if common.empty:
        return table
    key = ["wave", *PLACE]
    place = pd.MultiIndex.from_frame(table[key].astype(str))
    others = ~place.isin(pd.MultiIndex.from_frame(common[key].astype(str).drop_duplicates()))
    joined = pd.concat([table[others], common.astype(table.dtypes)], ignore_index=True)
    first = pd.Series(range(len(table)), index=place)
    first = first[~first.index.duplicated()]
    order = first.reindex(pd.MultiIndex.from_frame(joined[key].astype(str))).to_numpy()
    return joined.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def others(
    sums: Sums, bundle: Bundle, geography: str, waves_of: Mapping[str, Sequence[str]]
) -> tuple[Block, ...]:
    """The rest of each municipality's union: the union without the municipality itself. METHODS.md M-23.

    Args:
        sums, bundle: as in `common_municipalities`.
        geography: the kind of union.
        waves_of: of each municipality, the waves in which the same others are wanted.

    Returns:
        A block for each municipality and wave, totals of gender or age only, its code the municipality's;
        none for a municipality that is in no such union or alone in it.
    """
    unions = sorted({code for _, kind, code in sums.parts if kind == geography})
    blocks = []
    for union in unions:
        for waves in sorted(set(map(tuple, waves_of.values()))):
            common, _ = common_municipalities(sums, bundle, geography, union, waves)
            mine = [one for one in sorted(common) if tuple(waves_of.get(one, ())) == waves]
            if len(common) < FEWEST:
                continue
            for wave in waves:
                parts = sums.parts[wave, geography, union]
                shown = {one: _of_one_kind(parts[one]) for one in sorted(common)}
                for one in mine:
                    rest = [block for name, block in shown.items() if name != one]
                    blocks.append(combined((wave, geography, one), rest))
    return tuple(blocks)


def _of_one_kind(block: Block) -> Block:
    """The domains of a block that are not gender x age."""
    keep = (block.gender == 0) | (block.age == 0)
    return Block(
        *(block.wave, block.geography, block.code, block.gender[keep], block.age[keep]),
        *(block.values[:, keep], block.members[keep], block.df[keep], block.powers[:, keep]),
    )
