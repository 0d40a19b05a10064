"""Weights: design weight, adjustment for nonresponse, calibration to known totals, trimming.

METHODS.md M-2 to M-5. Every step works on the fine cells of one municipality in one wave; a respondent's
weight is that of the cell. Sources: Deville & Särndal 1992; Särndal & Lundström 2005, ch. 6 and 10;
Lundström 2000, SCB R&D Report 2000:1.
"""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import checks
from analysis.arrays import Floats, Ints
from analysis.calibration import Margins, margins_of
from analysis.collapse import (
    Groups,
    Log,
    at_least,
    calibration_areas,
    calibration_cells,
    collapse,
    response_groups,
    variance_strata,
)
from analysis.design import Design, Frame, Margin
from analysis.fine_cells import build_frame
from analysis.fitting import fit_margins
from analysis.packed import pack
from analysis.parallel import Progress, in_order
from analysis.propensity import response_classes
from analysis.schema import Bundle
from analysis.settings import Calibration, Settings
from analysis.trimming import trim

LOG_COLUMNS = ["wave", "municipality_code", "step", "cell", "respondents", "action", "kind", "values"]


class Summary(TypedDict):
    """One row of `Weighted.summary`."""

    wave: str
    municipality_code: str
    sampled: int
    responded: int
    method: Calibration
    g_min: float
    g_max: float
    trimmed_share: float
    deff_before: float
    deff_after: float


@dataclass(frozen=True)
class CellWeights:
    """The weights of one municipality in one wave.

    Attributes:
        design: counts and totals.
        cells, areas, groups: calibration cells, calibration areas, response groups.
        margins: the totals the weights meet.
        start: design weight x nonresponse adjustment, of each fine cell.
        weight: final weight of each fine cell.
        variance_stratum: stratum of the variance for each stratum.
        summary: one row of `Weighted.summary`.
    """

    design: Design
    cells: Groups
    areas: Groups
    groups: Groups
    margins: Margins
    start: Floats
    weight: Floats
    variance_stratum: Ints
    summary: Summary


@dataclass(frozen=True)
class Weighted:
    """A weighted bundle.

    Attributes:
        bundle, settings: what it was made from.
        frame: the fine cells.
        municipalities: the weights of each municipality and wave that has respondents.
        table: one row per respondent, in the order of responses.csv: wave, municipality_code, stratum,
            calcell, calarea, response_group (Categorical); case_id (str); design_weight,
            nonresponse_weight, weight (persons per respondent, never missing).
        log: what the plain method did not ask for: wave, municipality_code, step, cell, respondents, action,
            kind, values (the last two are what `action` is made of: `remarks.SENTENCES`).
            Steps: total, nonresponse, calibration_cell, calibration_area, calibration_margin, response_group,
            calibration, trimming, variance_stratum.
        summary: one row per municipality and wave with respondents: wave, municipality_code, sampled,
            responded, method (raking, logit, linear, poststratification), g_min, g_max (final weight over
            start weight), trimmed_share (of respondents), deff_before, deff_after (Kish, around trimming).
    """

    bundle: Bundle
    settings: Settings
    frame: Frame
    municipalities: tuple[CellWeights, ...]
    table: pd.DataFrame
    log: pd.DataFrame
    summary: pd.DataFrame


def weigh(
    bundle: Bundle, settings: Settings | None = None, progress: Progress | None = None, jobs: int = 1
) -> Weighted:
    """Give every respondent a weight.

    Args:
        bundle: a validated bundle.
        settings: the default profile when not given.
        progress: called with ("weights", done, total) after each municipality.
        jobs: processes to use; the weights do not depend on it.

    Returns:
        The weights with everything the estimates need. Weighted respondents add up to each margin within
        `settings.tolerance`; a municipality without respondents is in the log and nowhere else.
    """
    settings = settings or Settings.default()
    frame = build_frame(bundle, settings.membership)
    log = Log()
    done = []

    def work(design: Design) -> tuple[CellWeights | None, Log]:
        own = Log()
        if design.respondents.sum():
            return weigh_municipality(design, frame.bands, settings, own), own
        own.add(design, "nonresponse", design.municipality_code, 0, "no_respondents")
        return None, own

    for number, (part, own) in enumerate(in_order(work, frame.designs, jobs), start=1):
        log.rows += own.rows
        if part is not None:
            done.append(part)
        if progress:
            progress("weights", number, len(frame.designs))
    return Weighted(
        bundle=bundle,
        settings=settings,
        frame=frame,
        municipalities=tuple(done),
        table=_table(bundle, frame, done),
        log=pd.DataFrame(log.rows, columns=LOG_COLUMNS),
        summary=pd.DataFrame(
            [municipality.summary for municipality in done], columns=list(Summary.__annotations__)
        ),
    )


def weigh_municipality(design: Design, bands: tuple[str, ...], settings: Settings, log: Log) -> CellWeights:
    """The weights of one municipality in one wave."""
    cells, cell_population = calibration_cells(design, bands, settings, log)
    areas, area_population = calibration_areas(design, settings, log)
    groups = _response_groups(design, cells, areas, settings, log)
    start = design.design_weight * nonresponse_adjustment(design, groups)
    margins = _margins(design, (cells, cell_population), (areas, area_population), settings, log)
    calibrated, margins, method = fit_margins(design, start, margins, (cells, cell_population), settings, log)
    trimmed = trim(design, start, calibrated, margins, settings, log)
    n = design.respondents
    g = (trimmed.weight / start)[n > 0]
    summary: Summary = {
        "wave": design.wave,
        "municipality_code": design.municipality_code,
        "sampled": int(design.stratum_sampled.sum()),
        "responded": int(n.sum()),
        "method": method,
        "g_min": float(g.min()),
        "g_max": float(g.max()),
        "trimmed_share": float(n[trimmed.cut].sum() / n.sum()),
        "deff_before": kish_deff(calibrated, n),
        "deff_after": kish_deff(trimmed.weight, n),
    }
    strata = variance_strata(design, settings, log)
    return CellWeights(design, cells, areas, groups, margins, start, trimmed.weight, strata, summary)


def _response_groups(design: Design, cells: Groups, areas: Groups, settings: Settings, log: Log) -> Groups:
    """Calibration cells, or propensity classes where they are asked for or the register knows more."""
    automatic = settings.response_groups == "automatic" and bool(design.margins)
    if automatic or settings.response_groups == "propensity":
        return response_classes(design, areas, settings, log)
    return response_groups(design, cells, settings, log)


def nonresponse_adjustment(design: Design, groups: Groups) -> Floats:
    """Design-weighted sample over design-weighted respondents of each cell's response group."""
    d = design.design_weight
    sample, respondents = groups.sums(d * design.sampled), groups.sums(d * design.respondents)
    factor: Floats = (sample / np.where(respondents > 0, respondents, 1.0))[groups.of_cell]
    return factor


def kish_deff(weight: Floats, respondents: Ints) -> float:
    """Kish's design effect of unequal weights: r * sum of squares / square of the sum. [Kish 1965, 11.7]"""
    total = float((weight * respondents).sum())
    return float(respondents.sum() * (weight**2 * respondents).sum() / total**2)


def _margins(
    design: Design,
    cells: tuple[Groups, Floats],
    areas: tuple[Groups, Floats],
    settings: Settings,
    log: Log,
) -> Margins:
    """A: register sex x age, B: area, and the further margins, each with the population of its categories."""
    frame_count, total = float(design.stratum_population.sum()), float(design.population.sum())
    if abs(total / frame_count - 1.0) > 1e-9:
        answered = int(design.respondents.sum())
        values = {"counted": frame_count, "total": total}
        log.add(design, "total", design.municipality_code, answered, "total_scaled", **values)
    for number in np.flatnonzero((cells[1] == 0) & (cells[0].sums(design.respondents) > 0)):
        size = int(cells[0].sums(design.respondents)[number])
        log.add(design, "total", cells[0].names[number], size, "no_population")
    parts = [("sex_age", *cells), ("area", *areas)]
    parts += [_further_margin(design, margin, total, settings, log) for margin in design.margins]
    return margins_of(parts)


def _further_margin(
    design: Design, margin: Margin, total: float, settings: Settings, log: Log
) -> tuple[str, Groups, Floats]:
    """A margin of margins.csv, small categories merged in its order, scaled to the total. METHODS.md M-2."""
    counts = np.bincount(margin.of_cell, weights=design.respondents, minlength=len(margin.categories))
    group = collapse(counts, at_least(settings.area_minimum))
    names = []
    for number in range(int(group.max()) + 1):
        members = np.flatnonzero(group == number)
        names.append("+".join(margin.categories[i] for i in members))
        if len(members) > 1:
            cell = f"{margin.name}:{names[-1]}"
            log.add(design, "calibration_margin", cell, int(counts[members].sum()), "categories_merged")
    population = np.bincount(group, weights=margin.population)
    return margin.name, Groups(group[margin.of_cell], tuple(names)), population * total / population.sum()


def _table(bundle: Bundle, frame: Frame, done: list[CellWeights]) -> pd.DataFrame:
    """One row per respondent: the values of the cell."""
    count = int(frame.cell.max()) + 1 if len(frame.cell) else 0
    numbers = {name: np.zeros(count) for name in ("design_weight", "nonresponse_weight", "weight")}
    codes = {
        name: np.zeros(count, dtype=np.int64) for name in ("calcell", "calarea", "response_group", "place")
    }
    names: dict[str, list[str]] = {"calcell": [], "calarea": [], "response_group": []}
    stratum = np.zeros(count, dtype=np.int64)
    for place, part in enumerate(done):
        at = slice(part.design.cells.start, min(part.design.cells.stop, count))
        size = at.stop - at.start
        numbers["design_weight"][at] = part.design.design_weight[:size]
        numbers["nonresponse_weight"][at] = part.start[:size]
        numbers["weight"][at] = part.weight[:size]
        codes["place"][at] = place
        stratum[at] = part.design.stratum[:size] + part.design.strata.start
        for name, groups in (
            ("calcell", part.cells),
            ("calarea", part.areas),
            ("response_group", part.groups),
        ):
            codes[name][at] = groups.of_cell[:size] + len(names[name])
            names[name] += groups.names
    strata = frame.strata
    columns: dict[str, object] = {
        "wave": _categories(strata["wave"].to_numpy(), stratum[frame.cell]),
        "case_id": checks.text(bundle.responses, "case_id"),
        "municipality_code": _categories(strata["municipality_code"].to_numpy(), stratum[frame.cell]),
        "stratum": _categories(strata["stratum"].to_numpy(), stratum[frame.cell]),
    }
    for name, values in names.items():
        columns[name] = _categories(np.array(values, dtype=object), codes[name][frame.cell])
    for name, amounts in numbers.items():
        columns[name] = amounts[frame.cell]
    return pd.DataFrame(columns)


def _categories(names: npt.NDArray[np.object_], position: Ints) -> pd.Categorical:
    """`names[position]`, names that may repeat."""
    codes, categories = pd.factorize(names, sort=True)
    return pack(codes[position], list(categories))
