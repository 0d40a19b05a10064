"""What of response and quality may be published: nothing about a handful of persons. METHODS.md M-39.

The tables of `quality`, `declaration` and `item_nonresponse` count persons exactly. Whether one has answered
is confidential too, and how many were asked what comes after a crime is how many were victims of it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Mask
from analysis.disclosure import BASE_ROUNDED_TO
from analysis.item_nonresponse import follow_ups
from analysis.keys import TOTAL
from analysis.schema import Bundle

FEWEST = 30  # persons drawn, answered or asked: what is said of fewer would say who
FEWEST_MUNICIPALITIES = 3  # with fewer, one could take its own part from the whole
FINE_FROM, COARSE, FINE = 5_000, 100, 1_000  # shares of this many persons in tenths of a percent, else whole
FEW_PERSONS, ASKED_OF_SOME = "few_persons", "asked_of_some"
BY_GROUP = ("response_rate", "partial_unconditional", "partial_conditional")
ITEM_SHARES = ("answered", "dont_know", "refused", "missing")
SHOWN_ITEM_COLUMNS = ["wave", "municipality_code", "item", "asked", *ITEM_SHARES, "reason"]


def hidden_parts(persons: npt.ArrayLike, already: Sequence[bool] = ()) -> Mask:
    """Which parts of a whole that is shown must stay hidden.

    Args:
        persons: of each part; the whole is their sum.
        already: parts that are hidden for another reason.

    Returns:
        Parts of fewer than `FEWEST`, and then the smallest others until what is hidden is several parts of
        at least `FEWEST` together: else the whole less the shown would tell.
    """
    counts = np.asarray(persons, dtype=np.float64)
    hidden: Mask = counts < FEWEST
    if already:
        hidden |= np.asarray(already, dtype=bool)
    while hidden.any() and not hidden.all() and (hidden.sum() < 2 or counts[hidden].sum() < FEWEST):
        hidden[np.where(hidden, np.inf, counts).argmin()] = True
    return hidden


def shown_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table of response rates that may be shown.

    Args:
        rates: columns `quality.RATE_COLUMNS`, totals `all`.

    Returns:
        The same columns without the rows that are hidden, or could be worked out from two margins.
    """
    kept = [_shown_cross(part) for _, part in rates.groupby(["wave", "municipality_code"], sort=False)]
    mask = pd.concat(kept) if kept else pd.Series(dtype=bool)
    return rates[mask.reindex(rates.index, fill_value=False).to_numpy(dtype=bool)]


def shown_quality(quality: pd.DataFrame) -> pd.DataFrame:
    """The quality declaration as it may be shown.

    Args:
        quality: columns `declaration.QUALITY_COLUMNS`; n the persons a figure rests on.

    Returns:
        A copy in the same order; figures and n missing and reason `few_persons` where they rest on fewer
        than `FEWEST` persons, and where the other groups of the same variable would give them away. The
        shares of `item_answers` are rounded and without n: the questions put count victims.
    """
    table = quality.reset_index(drop=True).astype({"n": np.float64})
    hidden = table["n"].lt(FEWEST).to_numpy(copy=True)
    groups = table[table["measure"].isin(BY_GROUP) & table["category"].ne(TOTAL)]
    for _, part in groups.groupby(["wave", "municipality_code", "measure", "variable"], sort=False):
        hidden[part.index] = hidden_parts(part["n"])
    table = _without_questions_put(table)
    table.loc[hidden, ["value", "lower", "upper", "n"]] = np.nan
    table.loc[hidden, "reason"] = FEW_PERSONS
    return table


def without_victims(
    items: pd.DataFrame, quality: pd.DataFrame, bundle: Bundle
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Item non-response and quality declaration as a protected run leaves them to analysts. METHODS.md M-28.

    Args:
        items, quality: columns `item_nonresponse.ITEM_COLUMNS` and `declaration.QUALITY_COLUMNS`.
        bundle: its recipes and routing say which items follow on something sensitive.

    Returns:
        Copies in the same order. Of such items every count is missing, with the reason `asked_of_some`; where
        there are any, the shares of `item_answers` are rounded and without n, as in `shown_quality`.
    """
    hidden = items["item"].isin(follow_ups(bundle))
    if not hidden.any():
        return items, quality
    counts = [*ITEM_SHARES, "asked", "not_asked"]
    items = items.assign(**{name: items[name].mask(hidden) for name in counts})
    items["reason"] = items["reason"].mask(hidden, ASKED_OF_SOME)
    return items, _without_questions_put(quality)


def _without_questions_put(quality: pd.DataFrame) -> pd.DataFrame:
    """The questions put count victims: their shares are rounded, and stand without n."""
    answers = quality["measure"].eq("item_answers")
    rounded = _coarse(quality["value"], quality["n"])
    return quality.assign(value=quality["value"].mask(answers, rounded), n=quality["n"].mask(answers))


def shown_items(items: pd.DataFrame) -> pd.DataFrame:
    """Item non-response as it may be shown, with `all` municipalities of each wave together.

    Args:
        items: columns `item_nonresponse.ITEM_COLUMNS`, persons.

    Returns:
        The columns `SHOWN_ITEM_COLUMNS`, `all` first: asked rounded to the nearest `BASE_ROUNDED_TO`; what
        became of the question as shares of those asked, in whole percent (in tenths from `FINE_FROM`
        persons). Missing with reason `asked_of_some` where a question was put to some of the respondents
        only, since how many is sensitive (`all` of `FEWEST_MUNICIPALITIES` or more tells); with reason
        `few_persons` below `FEWEST`.
    """
    counts = [*ITEM_SHARES, "asked", "not_asked"]
    whole = items.groupby(["wave", "item"], sort=False, as_index=False)[counts].sum()
    whole.insert(1, "municipality_code", TOTAL)
    taking_part = items.groupby("wave")["municipality_code"].nunique()
    many = whole["wave"].map(taking_part).ge(FEWEST_MUNICIPALITIES)
    table = pd.concat([whole, items], ignore_index=True)
    together = np.r_[many.to_numpy(dtype=bool), np.zeros(len(items), dtype=bool)]
    routed = table.groupby(["wave", "item"])["not_asked"].transform("max").gt(0).to_numpy()
    of_some = routed & ~together
    few = table["asked"].lt(FEWEST).to_numpy()
    hidden = few | of_some
    shares = {name: _coarse(table[name] / table["asked"], table["asked"]) for name in ITEM_SHARES}
    asked = np.floor(table["asked"].to_numpy(float) / BASE_ROUNDED_TO + 0.5) * BASE_ROUNDED_TO
    table = table.assign(asked=asked, **shares)
    table.loc[hidden, ["asked", *ITEM_SHARES]] = np.nan
    table["reason"] = np.select([of_some, few], [ASKED_OF_SOME, FEW_PERSONS], "")
    return table[SHOWN_ITEM_COLUMNS]


def _coarse(shares: "pd.Series[float]", persons: "pd.Series[float]") -> "pd.Series[float]":
    steps = np.where(persons >= FINE_FROM, FINE, COARSE)
    return pd.Series(np.floor(shares.to_numpy(float) * steps + 0.5) / steps, index=shares.index)


def _shown_cross(part: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows of one municipality may be shown: its total, each sex, each age group, each of both."""
    keys = list(zip(part["legal_gender"].astype(str), part["age_group"].astype(str), strict=True))
    persons = dict(zip(keys, part["sampled"].astype(float), strict=True))
    everybody = (TOTAL, TOTAL)
    hidden = {key for key in keys if key == everybody and persons[key] < FEWEST}
    before = -1
    while len(hidden) > before:
        before = len(hidden)
        for whole in keys:
            for place in (0, 1):
                if whole[place] == TOTAL:
                    parts = [key for key in keys if _is_part(key, whole, place)]
                    if len(parts) == 1 and parts[0] in hidden:
                        hidden.add(whole)  # the same persons
                    hidden |= _hidden_of(parts, persons, hidden, whole in hidden)
    return pd.Series([key not in hidden for key in keys], index=part.index)


def _is_part(key: tuple[str, str], whole: tuple[str, str], place: int) -> bool:
    """Whether a group is a part of a whole by sex (place 0) or by age (1)."""
    return key[place] != TOTAL and key[1 - place] == whole[1 - place]


def _hidden_of(
    parts: list[tuple[str, str]],
    persons: Mapping[tuple[str, str], float],
    hidden: set[tuple[str, str]],
    whole_hidden: bool,
) -> set[tuple[str, str]]:
    """The parts to hide: all of a hidden whole, which they would add up to."""
    if whole_hidden:
        return set(parts)
    mask = hidden_parts([persons[key] for key in parts], [key in hidden for key in parts])
    return {key for key, one in zip(parts, mask, strict=True) if one}
