"""Which calibration a municipality gets: the method asked for, or the nearest that exists. METHODS.md M-4.

Every step down is written in the log with the margin and the category that stood in the way.
"""

from dataclasses import replace

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.calibration import Margins, Method, calibrate, margins_of, poststratify
from analysis.collapse import Groups, Log
from analysis.design import Design
from analysis.errors import CalibrationError
from analysis.remarks import Value
from analysis.settings import Calibration, Settings

FIRST, SECOND = "sex_age", "area"


def fit_margins(
    design: Design,
    start: Floats,
    margins: Margins,
    cells: tuple[Groups, Floats],
    settings: Settings,
    log: Log,
) -> tuple[Floats, Margins, Calibration]:
    """Weights that meet the margins, those margins, and the method that met them.

    Args:
        start: weight of each cell before calibration.
        margins: A (sex_age), B (area) and the further margins.
        cells: the calibration cells of margin A and their population.
        log: takes down every step from what was asked for.

    When no weights meet all margins, the further ones are given up; when none meet A and B together, A alone
    is met. Raking gives way to logit within bounds when a g-weight leaves them.
    """
    if settings.calibration != "poststratification":
        for wanted in _ever_fewer(margins):
            try:
                g = _solve(
                    start, design.respondents, wanted, settings.calibration, settings.logit_bounds, settings
                )
            except CalibrationError as error:
                left = [name for name in _names(_fewer(wanted)) if name]
                kept = f"the margin{'s' * (len(left) > 1)} {' and '.join(left)}"
                _write(design, error, "margins_given_up", log, left=kept)
            else:
                return _checked(design, start, g, wanted, settings, log)
    return _poststratified(design, start, margins, cells, settings, log)


def _ever_fewer(margins: Margins) -> list[Margins]:
    """All margins, then A and B."""
    both = _keep(margins, (FIRST, SECOND))
    return [margins] if len(both.names) == len(margins.names) else [margins, both]


def _fewer(margins: Margins) -> Margins:
    """What is met when these cannot be."""
    return _keep(margins, (FIRST,) if set(_names(margins)) <= {FIRST, SECOND} else (FIRST, SECOND))


def _names(margins: Margins) -> list[str]:
    return list(dict.fromkeys(name for name, _ in margins.names))


def _write(design: Design, error: CalibrationError, kind: str, log: Log, **values: Value) -> None:
    size = int(design.respondents.sum())
    unmet: dict[str, Value] = {
        "margin": error.margin,
        "category": error.category,
        "deviation": error.deviation,
    }
    log.add(design, "calibration", f"{error.margin}:{error.category}", size, kind, **unmet, **values)


def _checked(
    design: Design, start: Floats, g: Floats, margins: Margins, settings: Settings, log: Log
) -> tuple[Floats, Margins, Calibration]:
    """The weights; linear ones of 0 or less are logged, raking ones out of bounds give way."""
    n = design.respondents
    if (g[n > 0] <= 0).any():
        log.add(design, "calibration", design.municipality_code, int(n[g <= 0].sum()), "weights_not_positive")
    if settings.calibration != "raking" or settings.g_bounds is None:
        return start * g, margins, settings.calibration
    g, method = _within_bounds(design, start, g, margins, settings.g_bounds, settings, log)
    return start * g, margins, method


def _solve(
    start: Floats, n: Ints, margins: Margins, method: Method, bounds: tuple[float, float], settings: Settings
) -> Floats:
    """`calibrate` with the tolerance of the settings."""
    return calibrate(start, n, margins, method, bounds, settings.tolerance, settings.iterations)


def _within_bounds(
    design: Design,
    start: Floats,
    g: Floats,
    margins: Margins,
    bounds: tuple[float, float],
    settings: Settings,
    log: Log,
) -> tuple[Floats, Calibration]:
    """The raking g-weights, or those of a bounded logit when they leave the bounds and some within exist."""
    n = design.respondents
    low, high = bounds
    if g[n > 0].min() >= low and g[n > 0].max() <= high:
        return g, "raking"
    span = {"lowest": float(g[n > 0].min()), "highest": float(g[n > 0].max()), "low": low, "high": high}
    try:
        bounded = _solve(start, n, margins, "logit", bounds, settings)
    except CalibrationError as error:
        _write(design, error, "bounds_given_up", log, **span)
        return g, "raking"
    log.add(design, "calibration", design.municipality_code, int(n.sum()), "bounds_met", **span)
    return bounded, "logit"


def _poststratified(
    design: Design,
    start: Floats,
    margins: Margins,
    cells: tuple[Groups, Floats],
    settings: Settings,
    log: Log,
) -> tuple[Floats, Margins, Calibration]:
    """Weights that meet margin A alone; by the register's sex when A as reported cannot be met."""
    n = design.respondents
    groups, population = cells
    if groups.shares is not None:
        alone = _keep(margins, (FIRST,))
        try:
            return (
                start * _solve(start, n, alone, "raking", settings.logit_bounds, settings),
                alone,
                "poststratification",
            )
        except CalibrationError as error:
            _write(design, error, "register_sex", log)
    whole = replace(groups, shares=None)
    ratio = poststratify(start, n, whole, population)
    return start * ratio, margins_of([(FIRST, whole, population)]), "poststratification"


def _keep(margins: Margins, wanted: tuple[str, ...]) -> Margins:
    """Some of the margins; the first category of each but A is left out of those that span the rest."""
    kept = [number for number, (name, _) in enumerate(margins.names) if name in wanted]
    used = [place for place, number in enumerate(kept) if number in set(margins.used.tolist())]
    names = tuple(margins.names[number] for number in kept)
    return Margins(names, margins.X[:, kept], margins.totals[kept], np.array(used, dtype=np.intp))
