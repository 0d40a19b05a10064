"""Small and vulnerable areas: direct where the publication rule allows it, else pooled, else from a model.

METHODS.md M-29. A figure from a model is labelled so, and never marked for change.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis import comparability, disclosure, fay_herriot
from analysis.area_covariates import Areas, areas_of, covariates
from analysis.arrays import Floats, Mask
from analysis.disclosure import FEW_ANSWERS, FEW_EFFECTIVE, PROTECTED, SMALL_BASE
from analysis.domains import territories
from analysis.errors import AnalysisError
from analysis.indicators import headline_statistics
from analysis.settings import Settings
from analysis.variance import proportion_interval, wilson
from analysis.weights import Weighted

COLUMNS = [
    *["wave", "geography", "code", "indicator", "statistic", "method", "waves", "n"],
    *["estimate", "se", "lower", "upper", "released", "reason"],
]
FIGURES = ["n", "estimate", "se", "lower", "upper"]
DIRECT, POOLED, MODEL = "direct", "pooled", "model"
FEW_AREAS = "few_areas"  # too few areas with answers to fit a model
MINIMUM_AREAS = 10
AREAS_PER_COVARIATE = 5
POOLED_WAVES = 3
REPLICATES = 200  # of the bootstrap
CELL = ["geography", "code", "indicator", "statistic"]


def small_areas(weighted: Weighted, screened: pd.DataFrame, geography: str) -> pd.DataFrame:
    """One figure per area, wave and indicator, by the best method that may be shown.

    Args:
        weighted: the weights, with bundle, settings (the bootstrap's seed) and frame.
        screened: the table of `estimates.estimate` after `disclosure.screen`, figures still in it.
        geography: `area`, or a name of domains.csv.

    Returns:
        The columns `COLUMNS`, one row per wave, code and indicator with a proportion as headline statistic
        (code and wave with respondents): method direct, pooled (waves blank-separated) or model; n unweighted
        answers behind it; estimate, lower, upper in [0, 1], se the root of the bootstrap's mean squared error
        for a model. Rows that may not be shown by any method have empty figures, released 0 and the reason:
        protected (1-4 persons on a side of a sensitive item: no method may shine through), no_answers,
        few_areas, few_effective or wide_interval (of the model's figure).

    Raises:
        AnalysisError: no such geography.
        InputError: covariates.csv lacks an area.

    Source: Fay & Herriot (1979), JASA 74; Rao & Molina (2015), Small Area Estimation.
    """
    table = _totals(weighted, screened, geography)
    table["method"], table["waves"] = DIRECT, table["wave"]
    secret = _few_persons(table, weighted) | table["reason"].eq(PROTECTED).to_numpy()
    table["reason"] = table["reason"].mask(secret, PROTECTED)
    table["released"] = table["released"].mask(secret, 0)
    table = _pool(table, secret, weighted)
    open_rows = table["released"].eq(0).to_numpy() & ~secret
    direct = {place: _proportions(weighted, screened, place) for place in ("area", "municipality")}
    for wave, of_wave in table[open_rows].groupby("wave", sort=False):
        areas = areas_of(weighted, str(wave), geography)
        for indicator, rows in of_wave.groupby("indicator", sort=False):
            modelled = _model(weighted, _direct(direct, areas, str(indicator)), areas, rows)
            table.loc[rows.index, modelled.columns] = modelled
    hidden = table["released"].eq(0)
    table[FIGURES] = table[FIGURES].mask(hidden)
    return table[COLUMNS].reset_index(drop=True)


def _totals(weighted: Weighted, screened: pd.DataFrame, geography: str) -> pd.DataFrame:
    """Headline proportions of the geography's codes, everybody together."""
    known = {"area"} | (
        set() if weighted.bundle.domains is None else set(weighted.bundle.domains["geography"])
    )
    if geography not in known:
        raise AnalysisError(f"--small-areas {geography}: the bundle knows {', '.join(sorted(known))}.")
    return _proportions(weighted, screened, geography)


def _proportions(weighted: Weighted, screened: pd.DataFrame, geography: str) -> pd.DataFrame:
    headline = [name for name, kind in headline_statistics(weighted.bundle).items() if kind == "proportion"]
    total = screened["gender"].eq("all") & screened["age_group"].eq("all")
    wanted = total & screened["geography"].eq(geography) & screened["statistic"].eq("proportion")
    table = screened[wanted & screened["indicator"].isin(headline)].copy()
    texts = ["wave", "gender", "age_group", *CELL]
    table = table.astype({**dict.fromkeys(texts, "str"), "reason": "str", "n": float, "released": int})
    return table.reset_index(drop=True)


def _few_persons(table: pd.DataFrame, weighted: Weighted) -> Mask:
    """Whether 1-4 persons stand on a side of a sensitive item, however few answered."""
    settings = weighted.settings
    whatever_n = replace(settings, thresholds=replace(settings.thresholds, minimum_n=0))
    return disclosure.screen(table, weighted.bundle, whatever_n)["reason"].eq(PROTECTED).to_numpy()


def _pool(table: pd.DataFrame, secret: Mask, weighted: Weighted) -> pd.DataFrame:
    """Hidden rows together with one or two earlier waves of the same code, when that may be shown.

    Waves are independent samples, weighted by effective size; the shortest pool that may be shown is used. A
    union is pooled with waves in which it was the same ground.
    """
    table = table.sort_values([*CELL, "wave"], kind="stable")
    secret = secret[table.index]
    earlier, ground = table.groupby(CELL, sort=False), territories(weighted)
    pooled = table.assign(weighted=table["estimate"] * table["n_eff"])
    for back in range(1, POOLED_WAVES):
        before = earlier[["wave", "n", "n_eff", "yes", "df", "estimate"]].shift(back)
        way = comparability.passage(table.assign(previous_wave=before["wave"].fillna("")), weighted.bundle)
        same = ~way.broken & (way.bridge == 0) & (way.bridge_se == 0)  # nothing is pooled across a break
        places = zip(table["wave"], before["wave"], table["geography"], table["code"], strict=True)
        alike = [ground.get((wave, *key)) == ground.get((was, *key)) for wave, was, *key in places]
        same &= np.array(alike, dtype=bool)
        usable = before["estimate"].notna() & table["estimate"].notna() & same
        pooled["waves"] = (before["wave"].fillna("") + " " + pooled["waves"]).where(usable, pooled["waves"])
        for name in ("n", "n_eff", "yes", "df"):
            pooled[name] = pooled[name] + before[name].where(usable, 0)
        pooled["weighted"] += (before["estimate"] * before["n_eff"]).where(usable, 0)
        judged = _judged(pooled, weighted)
        better = (table["released"].eq(0) & ~secret & usable & judged["released"].eq(1)).to_numpy()
        columns = [*FIGURES, "waves", "released", "reason"]
        table.loc[better, columns] = judged.loc[better, columns]
        table.loc[better, "method"] = POOLED
    return table.sort_index()


def _judged(pooled: pd.DataFrame, weighted: Weighted) -> pd.DataFrame:
    """Estimate, interval and publication rule of pooled rows; those without figures keep their reason."""
    has = pooled["n_eff"].gt(0).to_numpy()
    p = (pooled["weighted"] / pooled["n_eff"]).to_numpy(dtype=np.float64)
    n, n_eff = pooled["n"].to_numpy(dtype=np.float64), pooled["n_eff"].to_numpy(dtype=np.float64)
    se, lower, upper = (np.full(len(p), np.nan) for _ in range(3))
    se[has] = np.sqrt(p[has] * (1.0 - p[has]) / n_eff[has])
    df = pooled["df"].to_numpy(dtype=np.float64)
    lower[has], upper[has] = proportion_interval(
        p[has], se[has], n[has], n_eff[has], df[has], weighted.settings
    )
    judged = pooled.assign(estimate=p, se=se, lower=lower, upper=upper)
    return disclosure.screen(judged, weighted.bundle, weighted.settings)


def _model(weighted: Weighted, data: "_Direct", areas: Areas, rows: pd.DataFrame) -> pd.DataFrame:
    """Model-based figures of some codes, of one wave and indicator."""
    answered = np.isfinite(data.psi)
    if answered.sum() < MINIMUM_AREAS:
        return pd.DataFrame({"reason": FEW_AREAS}, index=rows.index)
    X = covariates(weighted, areas, int(answered.sum()) // AREAS_PER_COVARIATE - 1)
    found = fay_herriot.fit(data.y[None, answered], data.psi[answered], X[answered])
    estimate = _figures(found, data, areas, X, data.y[None], data.target[None])[0]
    error = _bootstrap(
        found, data, areas, X, _generator(weighted.settings, areas.wave, str(rows["indicator"].iloc[0]))
    )
    place = [areas.codes.index(code) for code in rows["code"]]
    p, mse = (areas.share @ estimate)[place], error[place]
    lower, upper, size = model_interval(p, mse, weighted.settings.confidence)
    table = rows.assign(estimate=p, se=np.sqrt(mse), lower=lower, upper=upper, n_eff=size, yes=-1)
    judged = disclosure.screen(table.assign(n=size), weighted.bundle, weighted.settings)
    reason = judged["reason"].replace({FEW_ANSWERS: FEW_EFFECTIVE, SMALL_BASE: ""})
    done = table.assign(released=judged["released"], reason=reason, method=MODEL, waves=areas.wave)
    return done[[*FIGURES, "method", "waves", "released", "reason"]]


def model_interval(p: Floats, mse: Floats, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Wilson's limits on p (1 - p) / MSE, and that effective size."""
    size = np.maximum(p * (1.0 - p), 1e-12) / np.maximum(mse, 1e-12)
    lower, upper = wilson(p, size, float(ndtri(0.5 + confidence / 2.0)))
    return lower, upper, size


@dataclass(frozen=True)
class _Direct:
    """The direct estimates behind a model.

    Attributes:
        y: arcsine scale, of each area; 0 where psi is infinite.
        psi: deff / (4 n), deff being Kish's of the area's weights; infinite without answers.
        target: the direct estimate of each municipality; missing when it may not be shown.
    """

    y: Floats
    psi: Floats
    target: Floats


def _direct(tables: dict[str, pd.DataFrame], areas: Areas, indicator: str) -> _Direct:
    """What the areas and municipalities of one wave say themselves about one indicator."""

    def of(place: str, codes: tuple[str, ...]) -> pd.DataFrame:
        table = tables[place]
        mine = table[table["wave"].eq(areas.wave) & table["indicator"].eq(indicator)]
        return mine.set_index("code").reindex(list(codes))

    area, municipality = of("area", areas.areas), of("municipality", areas.municipalities)
    n, p, deff = (area[name].to_numpy(dtype=np.float64) for name in ("n", "estimate", "deff"))
    has = np.isfinite(p) & (n > 0)
    y = np.where(has, fay_herriot.transform(np.where(has, p, 0.0)), 0.0)
    psi = np.where(has, deff / (4.0 * np.where(has, n, 1.0)), np.inf)
    shown = municipality["estimate"].where(municipality["released"].eq(1)).to_numpy(dtype=np.float64)
    return _Direct(y, psi, shown)


def _figures(
    found: fay_herriot.Fit, data: _Direct, areas: Areas, X: Floats, y: Floats, target: Floats
) -> Floats:
    """Benchmarked proportions of the areas, replicates x areas."""
    return fay_herriot.benchmark(fay_herriot.predict(found, y, data.psi, X), areas.member, target)


def _bootstrap(
    found: fay_herriot.Fit, data: _Direct, areas: Areas, X: Floats, generator: np.random.Generator
) -> Floats:
    """Mean squared error of each code's figure: parametric bootstrap of the whole way, benchmark included."""
    answered = np.isfinite(data.psi)
    shape = (REPLICATES, len(data.psi))
    theta = found.beta @ X.T + np.sqrt(found.variance) * generator.standard_normal(shape)
    noise = np.sqrt(np.where(answered, data.psi, 0.0)) * generator.standard_normal(shape)
    y = theta + noise
    again = fay_herriot.fit(y[:, answered], data.psi[answered], X[answered])
    share = np.where(answered, areas.member, 0.0)
    whole = share.sum(axis=1)
    direct = np.sin(y) ** 2 @ (share / np.where(whole > 0, whole, 1.0)[:, None]).T
    target = np.where(np.isfinite(data.target) & (whole > 0), direct, np.nan)
    error = (_figures(again, data, areas, X, y, target) - np.sin(theta) ** 2) @ areas.share.T
    mse: Floats = (error**2).mean(axis=0)
    return mse


def _generator(settings: Settings, *which: str) -> np.random.Generator:
    """Its own stream for each wave and indicator, whatever else is modelled."""
    words = [int(byte) for byte in "\x1f".join(which).encode()]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([settings.seed, *words])))
