"""What outputs beside estimates and changes say, as an attacker notes it: sums in intervals."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from attack import ROW, Booleans, Floats, Further, Knowledge, as_printed, behind_limit
from attacked import LIMITS, WAVES, survey

from analysis import pipeline
from analysis.coherence import KIND
from analysis.keys import TOTAL
from analysis.schema import Bundle, validate_bundle
from survey.publication.numbers import points, whole_percent

LATE = "0102"  # the municipality that is new in the second wave
FURTHER = ("legal_gender",)


def changing_survey(seed: int) -> Bundle:
    """Three municipalities of one kind, one of which takes part in the second wave only."""
    bundle = survey(seed, areas=2, municipalities=3)
    domains = bundle.domains
    whole = bundle.strata[["wave", "stratum"]].assign(geography=KIND, code="k")
    domains = pd.concat([domains, whole[domains.columns]], ignore_index=True)
    strata = bundle.strata
    gone = strata.loc[strata["wave"].eq(WAVES[0]) & strata["municipality_code"].eq(LATE), "stratum"]

    def left(table: pd.DataFrame, column: str) -> pd.DataFrame:
        out = table["wave"].eq(WAVES[0]) & table[column].isin([*gone, LATE])
        return table[~out].reset_index(drop=True)

    sample = left(bundle.sample, "stratum")
    responses = bundle.responses[bundle.responses["case_id"].isin(sample["case_id"])].reset_index(drop=True)
    return validate_bundle(
        replace(
            bundle,
            strata=left(strata, "stratum"),
            population=left(bundle.population, "municipality_code"),
            sample=sample,
            responses=responses,
            domains=left(domains, "stratum"),
        )
    )


def said_of(results: pipeline.Results, known: Knowledge, item: str) -> dict[str, list[Further]]:
    """By output: everything it says of an item that may be shown, printed as changes are."""
    outputs = {
        "common ground": _common_changes(results, known, item),
        "pooled": _pooled(results, known, item),
        "comparisons": _compared(results, known, item),
        "standardised": _standardised(results, known, item),
    }
    return {name: list(found) for name, found in outputs.items()}


def on_other_municipalities(results: pipeline.Results) -> Booleans:
    """Changes of unions that the late municipality joined: they rest on the others."""
    changes = results.changes.astype({"geography": str, "code": str})
    own = changes["geography"].isin(["municipality", "area", "district", "vulnerable_area"])
    return (~own).to_numpy() & (changes["code"].ne("p0")).to_numpy()


def _rows(table: pd.DataFrame, item: str) -> Iterator[dict[str, object]]:
    texts = [name for name in (*ROW, "previous_wave", "against_geography", "against_code") if name in table]
    shown = table[table["indicator"].astype(str).eq(item) & table["released"].eq(1)]
    shown = shown.astype(dict.fromkeys(texts, str))
    yield from shown[shown["statistic"].ne("mean")].to_dict("records")


def _key(row: Mapping[str, object], **instead: str) -> list[str]:
    """Its key; the totals of tables without columns for them."""
    return [instead.get(name, str(row.get(name, TOTAL))) for name in ROW]


def _moved(row: Mapping[str, object], name: str, of_group: Floats) -> Iterator[Further]:
    """A difference in points and its limits."""
    figure, statistic = float(row[name]), str(row["statistic"])  # type: ignore[arg-type]
    yield Further(of_group, statistic, *as_printed(points(figure), 0.0, 1.0))
    for limit, sign in (("lower", 1.0), ("upper", -1.0)):
        end = float(row[limit])  # type: ignore[arg-type]
        if not np.isnan(end):
            margin = 100.0 * abs(figure - end)
            yield Further(of_group, statistic, *as_printed(points(end), margin, sign))


def _without_late(known: Knowledge, inside: Booleans) -> Booleans:
    return inside & known.groups["municipality"].ne(LATE).to_numpy()


def _common_changes(results: pipeline.Results, known: Knowledge, item: str) -> Iterator[Further]:
    for row in _rows(results.changes[on_other_municipalities(results)], item):
        now, before = (
            known.share(_without_late(known, known.members(_key(row, wave=str(row[wave])))))
            for wave in ("wave", "previous_wave")
        )
        yield from _moved(row, "change", now - before)


def _pooled(results: pipeline.Results, known: Knowledge, item: str) -> Iterator[Further]:
    assert results.pooled is not None
    for row in _rows(results.pooled, item):
        waves = str(row["wave"]).split("+")
        inside = np.any([known.members(_key(row, wave=wave)) for wave in waves], axis=0)
        figure, statistic = float(row["estimate"]), str(row["statistic"])  # type: ignore[arg-type]
        share, percent = known.share(inside), whole_percent(figure)
        yield Further(share, statistic, (percent - 0.5) / 100.0 - 1e-9, (percent + 0.5) / 100.0 + 1e-9)
        for limit, sign in (("lower", 1.0), ("upper", -1.0)):
            end = float(row[limit])  # type: ignore[arg-type]
            margin = abs(figure - end) / np.sqrt(end * (1.0 - end)) if 0.0 < end < 1.0 else 0.0
            yield Further(share, statistic, *behind_limit(whole_percent(end), margin, sign))
        n = float(known.groups["n"].to_numpy()[inside].sum())
        least, most = LIMITS.hidden_persons_municipality + 1.0, n - LIMITS.hidden_persons_municipality - 1.0
        if 1 <= percent <= 99:
            yield Further(inside.astype(float), statistic, least, most)


def _compared(results: pipeline.Results, known: Knowledge, item: str) -> Iterator[Further]:
    for row in _rows(results.comparisons, item):
        of_group = _beside(known, row, str(row["wave"]))
        if row["previous_wave"]:
            of_group = of_group - _beside(known, row, str(row["previous_wave"]))
        yield from _moved(row, "difference", of_group)


def _beside(known: Knowledge, row: Mapping[str, object], wave: str) -> Floats:
    """A part less its whole, or less the others of its kind, in one wave."""
    geography, code = str(row["against_geography"]), str(row["against_code"])
    part = known.members(_key(row, wave=wave))
    whole = known.members(_key(row, wave=wave, geography=geography, code=code))
    if geography == KIND:
        whole &= known.groups["municipality"].ne(str(row["code"])).to_numpy()
    if row["previous_wave"]:
        whole = _without_late(known, whole)
    return known.share(part) - known.share(whole)


def _standardised(results: pipeline.Results, known: Knowledge, item: str) -> Iterator[Further]:
    """Sex and age of the previous wave's population; the register's sex, not the reported gender."""
    assert results.standardised_changes is not None
    for row in _rows(results.standardised_changes, item):
        before, now = (_key(row, wave=str(row[wave])) for wave in ("previous_wave", "wave"))
        of_group = np.zeros(len(known.groups))
        places = [_without_late(known, known.members(key)) for key in (before, now)]
        weight = (known.groups["weight"] * known.groups["n"]).to_numpy(float)
        for _, own in known.groups.groupby(["legal_gender", "age_group"]).indices.items():
            cell = np.isin(np.arange(len(weight)), own)
            share = weight[places[0] & cell].sum() / weight[places[0]].sum()
            of_group += share * (known.share(places[1] & cell) - known.share(places[0] & cell))
        yield from _moved(row, "change", of_group)
