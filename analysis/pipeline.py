"""The flow from a bundle to tables that may be shown, in one function."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from analysis import changes, disclosure, domains, estimates, overlap, quality, suppression, unions, weights
from analysis.errors import InputError
from analysis.schema import Bundle
from analysis.settings import Settings

Progress = Callable[[str, int, int], None]
PROTECTED, NO_DISCLOSURE = "primary and secondary", "none: internal tables"
ESTIMATE_COLUMNS = [
    *["wave", "geography", "code", "gender", "age_group", "indicator", "statistic"],
    *["n", "population", "estimate", "se", "df", "n_eff", "lower", "upper", "released", "reason"],
]
WEIGHT_COLUMNS = ["wave", "case_id", "municipality_code", "design_weight", "nonresponse_weight", "weight"]


@dataclass(frozen=True)
class Results:
    """The tables of a run (columns as in the output files), what was noticed, and CPU seconds by phase."""

    weights: pd.DataFrame
    estimates: pd.DataFrame
    changes: pd.DataFrame
    gender_gaps: pd.DataFrame
    diagnostics: pd.DataFrame
    response_rates: pd.DataFrame
    warnings: tuple[str, ...]
    seconds: dict[str, float]
    disclosure: str


def run(
    bundle: Bundle,
    settings: Settings,
    progress: Progress | None = None,
    *,
    waves: tuple[str, str] | None = None,
    protected: bool = True,
    earlier: pd.DataFrame | None = None,
) -> Results:
    """From a validated bundle to its tables: steps 6 to 9 of the flow.

    Args:
        bundle: what `schema.read_bundle` or `schema.validate_bundle` gives.
        settings: `Settings.default()`, `Settings.reference()` or a variant.
        progress: called with a label, steps done and steps in all.
        waves: compare these two waves; without it each code's own last two.
        earlier: rows of earlier releases of the same waves, as `suppression.suppress` takes them.
        protected: False leaves the figures of rows that may not be shown in the tables, for internal use.

    Raises:
        InputError: more headline indicators than may be declared: the more there are, the less each can show.
    """
    _check_headlines(bundle, settings)
    seconds: dict[str, float] = {}
    with _clock(seconds, "weights"):
        weighted = weights.weigh(bundle, settings, progress)
    with _clock(seconds, "estimates"):
        sums = domains.sum_domains(weighted, progress)
        estimated = estimates.estimate(weighted, sums=sums)
        gaps = estimates.gender_gaps(weighted, sums)
    with _clock(seconds, "disclosure"):
        screened = disclosure.screen(estimated, bundle, settings)
    with _clock(seconds, "changes"):
        pairs = changes.previous_waves(screened, waves)
        if settings.profile == "default":
            pairs = unions.name_left_out(pairs, screened, bundle)
        together = _covariances(weighted, sums, pairs)
        compared = changes.compare(screened, bundle, settings, pairs, together)
    if protected:
        with _clock(seconds, "secondary"):
            screened = suppression.suppress(screened, compared, weighted, sums.variables, earlier)
            # Families of tests are counted over what is shown, so what was hidden now changes them.
            compared = changes.compare(screened, bundle, settings, pairs, together)
    with _clock(seconds, "gaps"):
        gaps = changes.compare_gaps(gaps, bundle, pairs)
    with _clock(seconds, "protection"):
        if protected:
            gaps = disclosure.protect_gaps(gaps, screened)
            screened, compared = (disclosure.round_bases(table, bundle) for table in (screened, compared))
            screened, compared = disclosure.protect(screened), disclosure.protect(compared)
    with _clock(seconds, "quality"):
        diagnostics, rates = quality.diagnose(weighted), quality.response_rates(bundle, settings)
    return Results(
        weights=weighted.table[WEIGHT_COLUMNS],
        estimates=screened[ESTIMATE_COLUMNS],
        changes=compared,
        gender_gaps=gaps,
        diagnostics=diagnostics,
        response_rates=rates,
        warnings=(*_weighting_warnings(weighted), *_comparison_warnings(pairs)),
        seconds=seconds,
        disclosure=PROTECTED if protected else NO_DISCLOSURE,
    )


def _check_headlines(bundle: Bundle, settings: Settings) -> None:
    declared, most = int(bundle.indicators["headline"].sum()), settings.thresholds.headline_maximum
    if declared > most and settings.profile == "default":
        found = f"{declared} headline indicators"
        raise InputError("indicators.csv", 0, "headline", found, f"at most {most}")


def _weighting_warnings(weighted: weights.Weighted) -> Iterator[str]:
    for row in weighted.log.itertuples():
        yield f"{row.wave} {row.municipality_code} {row.step}: {row.action}"


def _comparison_warnings(pairs: pd.DataFrame) -> Iterator[str]:
    """The unions that are not compared, and which municipalities stand in the way."""
    if "left_out" in pairs:
        for row in pairs[pairs["left_out"].ne("")].itertuples():
            yield (
                f"{row.wave} {row.geography} {row.code} comparison: Not compared with {row.previous_wave}, "
                f"of which only one has {row.left_out}."
            )


def _covariances(weighted: weights.Weighted, sums: domains.Sums, pairs: pd.DataFrame) -> pd.DataFrame | None:
    """What persons who answered in both waves add; the reference profile takes waves as independent."""
    if weighted.settings.profile == "reference" or "person_id" not in weighted.bundle.sample:
        return None
    waves = pairs[["previous_wave", "wave"]].drop_duplicates().itertuples(index=False, name=None)
    tables = [
        overlap.matched_covariances(weighted, sums, previous, wave).assign(previous_wave=previous, wave=wave)
        for previous, wave in waves
    ]
    return pd.concat(tables, ignore_index=True) if tables else None


@contextmanager
def _clock(seconds: dict[str, float], phase: str) -> Iterator[None]:
    start = time.process_time()
    yield
    seconds[phase] = round(time.process_time() - start, 4)
