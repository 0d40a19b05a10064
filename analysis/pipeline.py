"""The flow from a bundle to tables that may be shown, in one function."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypedDict

import pandas as pd

from analysis import (
    changes,
    comparisons,
    declaration,
    disclosure,
    domains,
    estimates,
    gaps,
    item_nonresponse,
    published,
    quality,
    replicates,
    several_waves,
    small_areas,
    unions,
    weights,
)
from analysis.coherence import KIND
from analysis.errors import InputError
from analysis.ground import Ground, common_ground, compare, matched_covariances, suppress
from analysis.keys import ESTIMATE, MUNICIPALITY, PLACE, TOTAL
from analysis.packed import find_rows, stacked
from analysis.parallel import Progress
from analysis.parts_of_wholes import (
    comparable_rows,
    kinds,
    last_waves,
    level_differences,
    part_covariances,
)
from analysis.remarks import Remark
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.unasked import find_unasked

DISCLOSURE_CONTROL, NO_DISCLOSURE = "primary and secondary", "none: internal tables"
LOGGED = ["wave", "municipality_code", "step", "kind", "cell", "respondents", "values"]
WEIGHT_COLUMNS = ["wave", "case_id", "municipality_code", "design_weight", "nonresponse_weight", "weight"]


@dataclass(frozen=True)
class Results:
    """The tables of a run (columns as in the output files), what was noticed, and CPU seconds by phase."""

    weights: pd.DataFrame
    estimates: pd.DataFrame
    changes: pd.DataFrame
    comparisons: pd.DataFrame
    gender_gaps: pd.DataFrame
    diagnostics: pd.DataFrame
    response_rates: pd.DataFrame
    quality: pd.DataFrame
    item_nonresponse: pd.DataFrame
    small_areas: pd.DataFrame | None
    remarks: tuple[Remark, ...]
    seconds: dict[str, float]
    disclosure: str
    pooled: pd.DataFrame | None = None
    trends: pd.DataFrame | None = None
    standardised_changes: pd.DataFrame | None = None
    replicates: pd.DataFrame | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """The remarks as English sentences."""
        return tuple(map(str, self.remarks))


def run(
    bundle: Bundle,
    settings: Settings,
    progress: Progress | None = None,
    *,
    waves: tuple[str, str] | None = None,
    protected: bool = True,
    jobs: int = 1,
    small_area_geography: str | None = None,
    pool: int = 0,
    trend: bool = False,
    standardised: bool = False,
    audit: bool = False,
    earlier: pd.DataFrame | None = None,
    withheld: pd.DataFrame | None = None,
) -> Results:
    """From a validated bundle to its tables: steps 3 to 10 of the flow.

    Args:
        bundle: what `schema.read_bundle` or `schema.validate_bundle` gives.
        settings: `Settings.default()`, `Settings.reference()` or a variant.
        progress: called with a label, steps done and steps in all.
        waves: compare these two waves; without it each code's own last two.
        jobs: processes to use; nothing but the time depends on it.
        small_area_geography: make `Results.small_areas` for the codes of this geography.
        earlier, withheld: rows of earlier releases of the same waves, and keys of further rows to hide, as
            `suppression.suppress` takes them.
        protected: False leaves the figures of rows that may not be shown in the tables, for internal use.
        pool: also pool each code's last `pool` waves; 0 for none.
        standardised: also the changes at the previous wave's composition by sex and age.
        trend: also follow figures over all waves in which they may be shown.
        audit: also make standard errors by the jackknife (`replicates`), which is slow.

    Raises:
        InputError: more headline indicators than may be declared: the more there are, the less each can show.
    """
    _check_headlines(bundle, settings)
    seconds: dict[str, float] = {}
    with _clock(seconds, "weights"):
        weighted = weights.weigh(bundle, settings, progress, jobs)
    with _clock(seconds, "estimates"):
        sums = domains.sum_domains(weighted, progress, jobs)
        estimated, gap = estimates.estimate(weighted, sums=sums), estimates.gender_gaps(weighted, sums)
        if settings.profile != "reference":  # R compares what there is
            bundle = replace(bundle, unasked=find_unasked(bundle, sums, weighted.table))
            weighted = replace(weighted, bundle=bundle)
    with _clock(seconds, "disclosure"):
        screened = disclosure.screen(estimated, bundle, settings)
    with _clock(seconds, "changes"):
        pairs = changes.previous_waves(screened, waves)
        ground = common_ground(weighted, sums, screened, pairs)
        together = matched_covariances(weighted, ground.sums, ground.pairs)
        compared = compare(weighted, screened, ground, together, waves)
    if protected:
        with _clock(seconds, "secondary"):
            screened, ground = suppress(screened, ground, compared, weighted, earlier, jobs, withheld)
            # Families of tests are counted over what is shown, so what was hidden now changes them.
            compared = compare(weighted, screened, ground, together, waves)
    with _clock(seconds, "comparisons"):
        beside = _comparisons(weighted, sums, screened, ground, together)
        gap = gaps.compare_gaps(gap, bundle, ground.pairs, ground.gaps, together)
    with _clock(seconds, "several waves"):
        pooled = several_waves.pooled(weighted, sums, pool, screened if protected else None) if pool else None
        steady = (
            several_waves.standardised(weighted, sums, compared, ground, protected) if standardised else None
        )
        followed = several_waves.followed(weighted, sums, screened, protected) if trend else None
    with _clock(seconds, "small_areas"):
        geography = small_area_geography
        found = small_areas.small_areas(weighted, screened, geography) if geography else None
    with _clock(seconds, "protection"):
        if protected:
            gap = disclosure.protect_gaps(gap, screened, ground.estimates)
            screened, compared, beside = _protected(bundle, screened, compared, beside)
        listed = published.add_figures(screened, bundle)
    with _clock(seconds, "quality"):
        described = _quality(weighted)
    with _clock(seconds, "replicates"):
        replicated = replicates.audit(weighted, screened) if audit else None
    return Results(
        weights=weighted.table[WEIGHT_COLUMNS],
        estimates=listed[disclosure.ESTIMATE_COLUMNS],
        changes=compared,
        comparisons=beside,
        gender_gaps=gap,
        **described,
        small_areas=found,
        remarks=(
            *_weighting_remarks(weighted),
            *_comparison_remarks(ground.pairs),
            *_published_remarks(estimated, bundle),
            *_small_area_remarks(found),
        ),
        seconds=seconds,
        disclosure=DISCLOSURE_CONTROL if protected else NO_DISCLOSURE,
        pooled=pooled,
        trends=followed,
        standardised_changes=steady,
        replicates=replicated,
    )


def _check_headlines(bundle: Bundle, settings: Settings) -> None:
    declared, most = int(bundle.indicators["headline"].sum()), settings.thresholds.headline_maximum
    if declared > most and settings.profile == "default":
        found = f"{declared} headline indicators"
        raise InputError("indicators.csv", 0, "headline", found, f"at most {most}")


def _weighting_remarks(weighted: weights.Weighted) -> Iterator[Remark]:
    columns = [weighted.log[name].tolist() for name in LOGGED]
    for wave, place, step, kind, cell, persons, values in zip(*columns, strict=True):
        yield Remark(wave, place, step, kind, cell, persons, values)


def _comparison_remarks(pairs: pd.DataFrame) -> Iterator[Remark]:
    """The unions compared on some of their municipalities or not at all, and which are left out."""
    if "left_out" in pairs:
        for row in pairs[pairs["left_out"].ne("")].itertuples():
            kind = "compared_without" if row.on_common else "not_compared"
            values = {"previous_wave": str(row.previous_wave), "left_out": str(row.left_out)}
            yield Remark(str(row.wave), f"{row.geography} {row.code}", "comparison", kind, values=values)


def _published_remarks(estimated: pd.DataFrame, bundle: Bundle) -> Iterator[Remark]:
    """The published figures that stand beside nothing."""
    for why, example, count in published.unused(estimated, bundle):
        yield Remark("", "", "published", "published_unused", example, count, {"why": why})


def _small_area_remarks(found: pd.DataFrame | None) -> Iterator[Remark]:
    """The one exception from what is shown resting on what is shown."""
    if found is not None and (found["released"].eq(1) & found["method"].ne(small_areas.DIRECT)).any():
        yield Remark("", "", "small_areas", "small_areas")


class _Described(TypedDict):
    """What is said of the quality of a run."""

    diagnostics: pd.DataFrame
    response_rates: pd.DataFrame
    quality: pd.DataFrame
    item_nonresponse: pd.DataFrame


def _quality(weighted: weights.Weighted) -> _Described:
    counted = item_nonresponse.count_items(weighted)
    return {
        "diagnostics": quality.diagnose(weighted),
        "response_rates": quality.response_rates(weighted),
        "quality": declaration.declare(weighted, counted),
        "item_nonresponse": item_nonresponse.item_nonresponse(weighted, counted),
    }


def _protected(
    bundle: Bundle, screened: pd.DataFrame, compared: pd.DataFrame, beside: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Estimates, changes and comparisons as they may leave: bases rounded, hidden figures gone."""
    screened, compared = (disclosure.round_bases(table, bundle) for table in (screened, compared))
    return disclosure.protect(screened), disclosure.protect(compared), disclosure.protect(beside)


def _comparisons(
    weighted: weights.Weighted,
    sums: domains.Sums,
    screened: pd.DataFrame,
    ground: Ground,
    together: pd.DataFrame | None,
) -> pd.DataFrame:
    """Parts beside wholes in each code's last wave; changes of municipalities beside their region's."""
    bundle, settings = weighted.bundle, weighted.settings
    rows = comparable_rows(screened, bundle)
    last = last_waves(rows)
    areas, groups = part_covariances(sums, bundle), kinds(bundle)

    def differences(rows: pd.DataFrame, waves_of: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        rest = replace(sums, blocks=unions.others(sums, bundle, KIND, waves_of))
        estimated = estimates.estimate(weighted, sums=rest)
        shown = disclosure.screen(estimated, bundle, settings) if len(estimated) else screened.head(0)
        # The others of a kind are the kind less the municipality.
        kind = shown.assign(code=shown["code"].astype("str").map(dict(groups)).astype("str"))
        whole = disclosure.are_shown(kind, ESTIMATE, ground.estimates)
        shown = disclosure.hide_exposed(shown, ~whole, bundle)
        return level_differences(rows, comparable_rows(shown, bundle), areas, groups)

    cities = last[last["geography"].eq(MUNICIPALITY)]
    waves_of = {code: (wave,) for code, wave in zip(cities["code"], cities["wave"], strict=True)}
    found = differences(rows, waves_of)
    level = found[find_rows(found, [*PLACE, "wave"], last) >= 0]
    levels = comparisons.compare_levels(level, bundle, settings)
    region = ground.pairs[ground.pairs["geography"].eq(TOTAL)]
    pairs = ground.pairs[ground.pairs["geography"].eq(MUNICIPALITY)]
    pairs = pairs.merge(region[["wave", "previous_wave"]], on=["wave", "previous_wave"])
    columns = [pairs[name].tolist() for name in ("code", "previous_wave", "wave")]
    both = {code: (before, now) for code, before, now in zip(*columns, strict=True)}
    alike = ground.estimates is screened
    if not alike or any(geography == KIND for _, geography, _ in sums.parts):
        # Others of the same kind, and unions, are on other municipalities than in the levels of one wave.
        found = differences(rows if alike else comparable_rows(ground.estimates, bundle), both)
    changed = comparisons.compare_changes(found, bundle, settings, pairs, together)
    return stacked([levels, changed])


@contextmanager
def _clock(seconds: dict[str, float], phase: str) -> Iterator[None]:
    start = cpu_seconds()
    yield
    seconds[phase] = round(cpu_seconds() - start, 4)


def cpu_seconds() -> float:
    """Of this process and of those it started and that have ended."""
    return float(sum(os.times()[:4]))
