"""The quality declaration of each municipality and wave, in long form. METHODS.md M-28.

What a reader needs to judge the figures: who answered, how evenly, in which mode, how completely, and what
the weighting did. `all` is everything drawn in a wave.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from analysis import representativity
from analysis.arrays import Floats, Ints, Mask
from analysis.design import reporting_groups
from analysis.drawing import Factor
from analysis.drawn_samples import Sample, alike_samples
from analysis.item_nonresponse import FATE_OF, FATES, NOT_ASKED, ItemCounts
from analysis.keys import TOTAL
from analysis.packed import in_order
from analysis.quality import Cells, all_cells, sums_by, weight_quantiles
from analysis.schema import LEGAL_GENDERS
from analysis.settings import Calibration, Settings
from analysis.variance import wilson
from analysis.weights import Weighted

QUALITY_COLUMNS = [
    *["wave", "municipality_code", "measure", "variable", "category", "value", "lower", "upper", "n"],
    "reason",
]
NO_VARIATION = "no_variation"  # nobody or everybody answered: no propensities to tell apart
QUANTILES = {"min": 0.0, "p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95, "max": 1.0}
# AAPOR, Standard Definitions: shares of the applicable questions that make a break-off and a partial answer.
BREAK_OFF, PARTIAL = 0.50, 0.80
COMPLETENESS = ("break_off", "partial", "complete")
NEAR_BOUND = 0.01  # a g-weight this near its bound, relatively, counts as having hit it


@dataclass
class _Rows:
    """The table being made: one array per column and addition."""

    columns: dict[str, list[npt.NDArray[np.generic]]] = field(
        default_factory=lambda: {name: [] for name in ("unit", *QUALITY_COLUMNS[2:])}
    )

    def add(
        self,
        unit: Ints,
        measure: npt.ArrayLike,
        variable: npt.ArrayLike,
        category: npt.ArrayLike,
        reason: str = "",
        **figures: Floats,
    ) -> None:
        """Add a row per unit; figures not given are missing."""
        texts = {"measure": measure, "variable": variable, "category": category, "reason": reason}
        for name, text in texts.items():
            self.columns[name].append(np.broadcast_to(np.asarray(text, dtype=object), unit.shape))
        self.columns["unit"].append(unit)
        for name in ("value", "lower", "upper", "n"):
            self.columns[name].append(
                np.broadcast_to(np.asarray(figures.get(name, np.nan), float), unit.shape)
            )

    def joined(self) -> dict[str, npt.NDArray[np.generic]]:
        """The columns in full."""
        return {name: np.concatenate(parts) for name, parts in self.columns.items()}


@dataclass(frozen=True)
class _Units:
    """Municipalities (each design) and then waves; every cell belongs to one of each.

    Attributes:
        keys: wave and municipality code (`all` for a wave) of each unit.
        cells: the fine cells, all of them twice.
        unit: unit of each of these.
        wave: unit of the wave of each design.
    """

    keys: tuple[tuple[str, str], ...]
    cells: Cells
    unit: Ints
    wave: Ints


def declare(weighted: Weighted, items: ItemCounts) -> pd.DataFrame:
    """The quality declaration.

    Args:
        weighted: what `weights.weigh` gives.
        items: what `item_nonresponse.count_items` gives.

    Returns:
        The columns `QUALITY_COLUMNS`, by wave and municipality; shares in [0, 1]; lower and upper are limits
        of the settings' confidence, missing where a figure has none; n the persons (for `item_answers` the
        questions put) the figure rests on; reason `no_variation` where no R-indicator can be made. The
        partial indicators of a category rest on those drawn in it. Measures:

        response_rate, by legal_gender, age_group (as reported) and area: answered over drawn, Wilson limits;
        r_indicator, propensity_mean, propensity_cv, partial_unconditional, partial_conditional: METHODS.md
        M-27; weight_quantile and deff_kish of design_weight, nonresponse_weight, weight and their last ratio
        g_weight; trimmed_share; bounds_hit: respondents whose g-weight lies at its bound, where the weights
        were kept within bounds (logit); mode_share; item_answers: answered, dont_know, refused, missing over
        questions put; completeness: break_off, partial, complete by share of the questions put that were
        answered.
    """
    units = _units(weighted)
    rows = _Rows()
    z = float(ndtri(0.5 + weighted.settings.confidence / 2.0))
    _response(rows, weighted, units, z)
    _representativity(rows, weighted)
    _weights(rows, weighted, units)
    _answers(rows, weighted, units, items, z)
    columns = rows.joined()
    order = np.lexsort((np.arange(len(columns["unit"])), columns["unit"]))
    unit = columns.pop("unit")[order].astype(np.int64)
    names = np.array(units.keys, dtype=object)
    table = pd.DataFrame({name: values[order] for name, values in columns.items()})
    table.insert(0, "wave", names[unit, 0])
    table.insert(1, "municipality_code", names[unit, 1])
    table = table.astype(dict.fromkeys([*QUALITY_COLUMNS[:5], "reason"], "str"))
    return table.sort_values(["wave", "municipality_code"], kind="stable", ignore_index=True)[QUALITY_COLUMNS]


def _units(weighted: Weighted) -> _Units:
    designs, waves = weighted.frame.designs, weighted.bundle.waves
    cells = all_cells(weighted)
    wave = np.array([len(designs) + waves.index(one.wave) for one in designs], dtype=np.int64)
    twice = {name: np.tile(values, 2) for name, values in vars(cells).items()}
    keys = [*((one.wave, one.municipality_code) for one in designs), *((wave, TOTAL) for wave in waves)]
    return _Units(tuple(keys), Cells(**twice), np.r_[cells.design, wave[cells.design]], wave)


def _response(rows: _Rows, weighted: Weighted, units: _Units, z: float) -> None:
    """Response rates by group."""
    cells, count = units.cells, len(units.keys)
    groups = reporting_groups(weighted.bundle, weighted.settings)
    ages = tuple(dict.fromkeys(groups.values()))
    age = np.array([ages.index(groups[band]) for band in weighted.frame.bands])[cells.band]
    factors = [
        Factor(TOTAL, (TOTAL,), np.zeros_like(age)),
        Factor("legal_gender", LEGAL_GENDERS, cells.gender),
        Factor("age_group", ages, age),
    ]
    for factor in factors:
        width = len(factor.categories)
        place = units.unit * width + factor.of_cell
        sampled, answered = (
            sums_by(place, persons, count * width) for persons in (cells.sampled, cells.respondents)
        )
        unit, category = np.divmod(np.arange(count * width), width)
        _share(rows, unit, ("response_rate", factor.name, factor.categories), category, answered, sampled, z)
    designs = weighted.frame.designs
    codes = tuple(code for one in designs for code in one.area_codes)
    counts = [len(one.area_codes) for one in designs]
    starts = np.cumsum(counts) - counts
    place = np.concatenate([one.area + start for one, start in zip(designs, starts, strict=True)])
    answered, sampled = (
        sums_by(place, np.concatenate([getattr(one, name) for one in designs]), len(codes))
        for name in ("stratum_respondents", "stratum_sampled")
    )
    unit = np.repeat(np.arange(len(designs)), counts)
    _share(rows, unit, ("response_rate", "area", codes), np.arange(len(codes)), answered, sampled, z)


def _share(
    rows: _Rows,
    unit: Ints,
    names: tuple[str, str, tuple[str, ...]],
    category: Ints,
    part: Floats,
    whole: Floats,
    z: float,
) -> None:
    """Shares of persons with Wilson's limits, where there are persons."""
    used = np.flatnonzero(whole > 0)
    value = part[used] / whole[used]
    lower, upper = wilson(value, whole[used], z)
    measure, variable, categories = names
    labels = np.array(categories, dtype=object)[category[used]]
    rows.add(unit[used], measure, variable, labels, value=value, lower=lower, upper=upper, n=whole[used])


def _representativity(rows: _Rows, weighted: Weighted) -> None:
    """R-indicators of each municipality, and of each wave with the municipality as one of the variables."""
    for samples in alike_samples(weighted):
        _add_indicators(rows, samples, weighted.settings.confidence)


def _add_indicators(rows: _Rows, samples: Sequence[Sample], confidence: float) -> None:
    """The indicators of samples with their cells alike."""
    varied = []
    for one in samples:
        if representativity.varies(one.drawn):
            varied.append(one)
        elif persons := one.drawn.sampled.sum():
            rows.add(np.array([one.unit]), "r_indicator", TOTAL, TOTAL, NO_VARIATION, n=persons)
    if not varied:
        return
    found = representativity.indicators_of_each([one.drawn for one in varied], varied[0].factors, confidence)
    measure, variable, _ = (np.array(names, dtype=object) for names in zip(*found.keys, strict=True))
    known = [(one.name, category) for one in varied[0].factors for category in one.categories]
    place = {key: at for at, key in enumerate(known)}
    at = np.array([place.get(key[1:], len(known)) for key in found.keys])
    figures = zip(found.value, found.lower, found.upper, strict=True)
    for one, (value, lower, upper) in zip(varied, figures, strict=True):
        names, n = np.array(one.categories, dtype=object)[at], one.persons[at]
        unit = np.full(len(at), one.unit)
        rows.add(unit, measure, variable, names, value=value, lower=lower, upper=upper, n=n)


def _weights(rows: _Rows, weighted: Weighted, units: _Units) -> None:
    """The distribution of the weights after each step, and what trimming and bounds did."""
    cells, count = units.cells, len(units.keys)
    start = np.zeros(len(units.unit) // 2)
    for part in weighted.municipalities:
        start[part.design.cells] = part.start
    start = np.tile(start, 2)
    persons = np.where(cells.weight > 0, cells.respondents, 0.0)
    responded = sums_by(units.unit, persons, count)
    used = np.flatnonzero(responded > 0)
    g = cells.weight / np.where(start > 0, start, 1.0)
    steps = {
        "design_weight": cells.design_weight,
        "nonresponse_weight": start,
        "weight": cells.weight,
        "g_weight": g,
    }
    for name, values in steps.items():
        quantiles = weight_quantiles(values, persons, units.unit, count, tuple(QUANTILES.values()))
        for place, label in enumerate(QUANTILES):
            rows.add(used, "weight_quantile", name, label, value=quantiles[used, place], n=responded[used])
        total, squares = (sums_by(units.unit, persons * values**power, count)[used] for power in (1, 2))
        rows.add(
            used, "deff_kish", name, TOTAL, value=responded[used] * squares / total**2, n=responded[used]
        )
    trimmed, hit = np.zeros(count), np.zeros(count)
    for part in weighted.municipalities:
        wave, n = part.design.wave, part.design.respondents
        at_bound = _at_bound(g[part.design.cells], part.summary["method"], weighted.settings)
        for code in (part.design.municipality_code, TOTAL):
            unit = units.keys.index((wave, code))
            trimmed[unit] += part.summary["trimmed_share"] * n.sum()
            hit[unit] += n[at_bound].sum()
    for measure, part_of in (("trimmed_share", trimmed), ("bounds_hit", hit)):
        rows.add(used, measure, "weight", TOTAL, value=part_of[used] / responded[used], n=responded[used])


def _at_bound(g: Floats, method: Calibration, settings: Settings) -> Mask:
    """Cells whose g-weight lies at its bound: only the logit method has bounds."""
    bounds = settings.logit_bounds if settings.calibration == "logit" else settings.g_bounds
    if method != "logit" or bounds is None:
        return np.zeros(len(g), dtype=bool)
    low, high = bounds
    return (g <= low * (1.0 + NEAR_BOUND)) | (g >= high * (1.0 - NEAR_BOUND))


def _answers(rows: _Rows, weighted: Weighted, units: _Units, items: ItemCounts, z: float) -> None:
    """Modes, item non-response and break-offs."""
    designs = weighted.frame.designs
    sizes = [len(one.stratum) for one in designs]
    cell = weighted.frame.cell
    design = np.repeat(np.arange(len(designs)), sizes)[cell] if len(cell) else cell
    fates = np.zeros((len(units.keys), FATES))
    np.add.at(fates, np.r_[np.arange(len(designs)), units.wave], np.tile(items.counts.sum(axis=0), (2, 1)))
    everyone = np.arange(len(units.keys))
    put = fates[:, :NOT_ASKED].sum(axis=1)
    for name, fate in FATE_OF.items():
        used = everyone[put > 0]
        rows.add(used, "item_answers", TOTAL, name, value=fates[used, fate] / put[used], n=put[used])
    share = items.answered / np.maximum(items.asked, 1)
    level = (share >= BREAK_OFF).astype(np.int64) + (share > PARTIAL)
    parts: list[tuple[str, str, tuple[str, ...], npt.NDArray[np.integer]]] = [
        ("completeness", "questionnaire", COMPLETENESS, level)
    ]
    if "mode" in weighted.bundle.responses:
        codes, modes = in_order(weighted.bundle.responses["mode"])
        parts.insert(0, ("mode_share", "mode", tuple(mode or "missing" for mode in modes), codes))
    for measure, variable, categories, code in parts:
        width = len(categories)
        counts = np.zeros((len(units.keys), width))
        persons = np.bincount(design * width + code, minlength=len(designs) * width).reshape(
            len(designs), width
        )
        np.add.at(counts, np.r_[np.arange(len(designs)), units.wave], np.tile(persons, (2, 1)))
        unit, category = np.divmod(np.arange(counts.size), max(width, 1))
        whole = np.repeat(counts.sum(axis=1), width)
        _share(rows, unit, (measure, variable, categories), category, counts.ravel(), whole, z)
