"""Standard errors by the stratified jackknife, an audit of the linearised ones. METHODS.md M-35.

One person of a variance stratum (or one of at most `replicate_groups` random groups of persons) is left out,
the rest of the stratum takes over the weight, and everyone is calibrated again. Sources: Wolter 2007,
Introduction to Variance Estimation; Valliant 2002, Survey Methodology 28, 103-114 (jackknife and leverage).
"""

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Ints, Mask
from analysis.calibration import Margins, Method, calibrate
from analysis.domains import reporting_ages
from analysis.errors import CalibrationError
from analysis.indicators import Variables, measure
from analysis.keys import ESTIMATE, TOTAL
from analysis.schema import GENDERS
from analysis.settings import Settings
from analysis.weights import CellWeights, Weighted


def jackknife(weighted: Weighted) -> pd.DataFrame:
    """Standard errors of the municipalities' figures by leaving out and calibrating again.

    Args:
        weighted: the weights; `settings.replicate_groups` is the largest number of groups in a stratum.

    Returns:
        One row per wave, municipality, gender or age group (and total), indicator and headline statistic: the
        keys of an estimate; se_jackknife (in the units of the estimate; missing where some replicate has no
        answer in the domain, and where there is but one replicate); replicates (int); relinearised (int):
        replicates no weights of the chosen method could calibrate, done linearly instead.
    """
    variables = measure(weighted.bundle)
    tables = [_municipality(weighted, part, variables) for part in weighted.municipalities]
    columns = [*ESTIMATE, "se_jackknife", "replicates", "relinearised"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def audit(weighted: Weighted, estimates: pd.DataFrame) -> pd.DataFrame:
    """The jackknife beside the linearised standard errors, for the rows whose figures may be seen.

    Args:
        weighted: the weights.
        estimates: the estimates of the same run, with `se` missing where the figures are hidden.

    Returns:
        The keys, se, se_jackknife, ratio (se_jackknife over se; missing where se is 0), replicates,
        relinearised.
    """
    linearised = estimates[[*ESTIMATE, "se"]].astype(dict.fromkeys(ESTIMATE, str))
    both = jackknife(weighted).merge(linearised, on=ESTIMATE, how="inner")
    both = both[both["se"].notna() & both["se_jackknife"].notna()].reset_index(drop=True)
    both["ratio"] = both["se_jackknife"] / both["se"].where(both["se"] > 0)
    return both[[*ESTIMATE, "se", "se_jackknife", "ratio", "replicates", "relinearised"]]


def replicate_groups(stratum: Ints, largest: int, seed: int) -> Ints:
    """Replicate of each respondent: one person each, or random groups of nearly equal size in large strata.

    Args:
        stratum: variance stratum of each respondent.
        largest: groups of a stratum at most.
        seed: decides the groups.
    """
    generator = np.random.default_rng(seed)
    groups = np.zeros(len(stratum), dtype=np.int64)
    start = 0
    for number in np.unique(stratum):
        mine = np.flatnonzero(stratum == number)
        count = min(len(mine), largest)
        groups[generator.permutation(mine)] = start + np.arange(len(mine)) % count
        start += count
    return groups


def replicate_weights(part: CellWeights, removed: Floats, settings: Settings) -> tuple[Floats, bool]:
    """Final weight of each cell when some persons are left out.

    Args:
        part: the weights of one municipality.
        removed: persons left out of each cell, all of one variance stratum.

    Returns:
        The weights, calibrated again from the final ones, and whether that had to be done linearly.
    """
    n = part.design.respondents
    stratum = part.variance_stratum[part.design.stratum]
    inside = stratum == stratum[np.flatnonzero(removed)[0]]
    left = float(n[inside].sum() - removed.sum())
    start = part.weight * np.where(inside, n[inside].sum() / max(left, 1.0), 1.0)
    method: Method = "linear" if part.summary["method"] == "linear" else "raking"
    try:
        return start * _again(start, n - removed, part.margins, method, settings), False
    except CalibrationError:
        return start * _linear(start, n - removed, part.margins), True


def _again(start: Floats, n: Floats, margins: Margins, method: Method, settings: Settings) -> Floats:
    return calibrate(
        start, n, margins, method, settings.logit_bounds, settings.tolerance, settings.iterations
    )


def _linear(start: Floats, n: Floats, margins: Margins) -> Floats:
    """g of the linear calibration, as near to the totals as can be."""
    X, size = margins.reduced, start * n
    gap = margins.totals[margins.used] - X.T @ size
    g: Floats = 1.0 + X @ np.linalg.lstsq(X.T @ (size[:, None] * X), gap, rcond=1e-10)[0]
    return g


def _municipality(weighted: Weighted, part: CellWeights, variables: Variables) -> pd.DataFrame:
    """The jackknife of one municipality."""
    design, settings, frame = part.design, weighted.settings, weighted.frame
    rows = frame.order[design.rows]
    cell = frame.cell[rows] - design.cells.start
    stratum = part.variance_stratum[design.stratum[cell]]
    group = replicate_groups(stratum, settings.replicate_groups, settings.seed)
    count = int(group.max()) + 1
    domains, names = _domains(weighted, part, rows, cell)
    headline = variables.headline
    y, m = variables.answers(rows, headline)
    weights, changed = _all_weights(part, cell, group, count, settings)
    w = weights[:, cell] * (group != np.arange(count)[:, None])
    full = part.weight[cell]
    scale = _scale(part, stratum, group, count)
    tables = []
    for mask, (gender, age) in zip(domains, names, strict=True):
        replicate = _ratio(w[:, mask] @ y[mask], w[:, mask] @ m[mask])
        estimate = _ratio(full[mask] @ y[mask], full[mask] @ m[mask])
        se = np.sqrt(scale @ (replicate - estimate) ** 2)  # missing with a replicate that has no answer
        key = {"wave": design.wave, "geography": "municipality", "code": design.municipality_code}
        table = pd.DataFrame(
            {
                **key,
                "gender": gender,
                "age_group": age,
                "indicator": [one.indicator for one in variables.measured],
                "statistic": [variables.statistic[i] for i in headline],
                "se_jackknife": se if count > 1 else np.nan,
                "replicates": count,
                "relinearised": changed,
            }
        )
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _domains(
    weighted: Weighted, part: CellWeights, rows: Ints, cell: Ints
) -> tuple[list[Mask], list[tuple[str, str]]]:
    """Total, genders and reporting ages that have members."""
    ages, age_of_band = reporting_ages(weighted)
    gender, age = weighted.frame.gender[rows], age_of_band[part.design.band[cell]]
    masks, names = [np.ones(len(rows), dtype=bool)], [(TOTAL, TOTAL)]
    for number, name in enumerate(GENDERS):
        masks.append(gender == number)
        names.append((name, TOTAL))
    for number, name in enumerate(ages):
        masks.append(age == number)
        names.append((TOTAL, name))
    kept = [i for i, mask in enumerate(masks) if mask.any()]
    return [masks[i] for i in kept], [names[i] for i in kept]


def _all_weights(
    part: CellWeights, cell: Ints, group: Ints, count: int, settings: Settings
) -> tuple[Floats, int]:
    """Replicates x cells; those that leave out the same numbers of the same cells are calibrated once."""
    removed = np.zeros((count, len(part.weight)))
    np.add.at(removed, (group, cell), 1.0)
    different, of_replicate = np.unique(removed, axis=0, return_inverse=True)
    made = [replicate_weights(part, row, settings) for row in different]
    place = of_replicate.ravel()
    changed = int(sum(made[i][1] for i in place))
    return np.vstack([weights for weights, _ in made])[place], changed


def _scale(part: CellWeights, stratum: Ints, group: Ints, count: int) -> Floats:
    """(1 - r/N) (G - 1)/G of each replicate's stratum; 0 when it holds one group only."""
    of_replicate = np.zeros(count, dtype=np.int64)
    of_replicate[group] = stratum
    groups = np.bincount(of_replicate)[of_replicate]
    held = part.variance_stratum >= 0
    N = np.bincount(part.variance_stratum[held], weights=part.design.stratum_population[held])
    r = np.bincount(part.variance_stratum[held], weights=part.design.stratum_respondents[held])
    share: Floats = (1.0 - r / N)[of_replicate] * (groups - 1.0) / groups
    return share


def _ratio(total: Floats, base: Floats) -> Floats:
    ratio: Floats = np.where(base > 0, total / np.where(base > 0, base, 1.0), np.nan)
    return ratio
