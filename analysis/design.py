"""The design: every person of the sample placed in a fine cell, stratum x register sex x age band.

With categorical margins, weights are constant within a fine cell (crossed with the categories of further
margins and with reported gender, when the weights depend on them). Counts per cell are therefore sufficient
for weights, estimates and variances, and nothing after this module works person by person. Cells nobody was
drawn in do not exist.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Ints
from analysis.coherence import age_range
from analysis.schema import Bundle
from analysis.settings import Settings


@dataclass(frozen=True)
class Margin:
    """A further known total of one municipality: category of each fine cell, population of each category."""

    name: str
    categories: tuple[str, ...]
    of_cell: Ints
    population: Floats


@dataclass(frozen=True)
class Design:
    """One municipality in one wave.

    Attributes:
        wave, municipality_code: which.
        cells, strata, rows: where its cells, strata and respondents stand in the `Frame`.
        areas: code of each stratum, in the order of strata.csv.
        area_codes: code of each area: that of its stratum, or, when several strata share an area (age classes
            drawn apart), municipality_code-area.
        area: area of each stratum.
        stratum_population: N_h as in strata.csv, persons.
        stratum_total: N_h scaled to the municipality's total of population.csv; equal to N_h for
            frame counts.
        stratum_sampled, stratum_respondents: n_h and r_h.
        stratum, gender, band: stratum (within the municipality), register sex and age band of each cell.
        sampled, respondents: persons of each cell.
        population: persons by register sex x age band.
        margins: further known totals.
        woman_share: how much of a person of each cell counts as a woman in margin A (the rest as a man): 1
            or 0, and one half for those who report neither when membership is as reported.
    """

    wave: str
    municipality_code: str
    cells: slice
    strata: slice
    rows: slice
    areas: tuple[str, ...]
    area_codes: tuple[str, ...]
    area: Ints
    stratum_population: Floats
    stratum_total: Floats
    stratum_sampled: Floats
    stratum_respondents: Ints
    stratum: Ints
    gender: Ints
    band: Ints
    sampled: Ints
    respondents: Ints
    population: Floats
    woman_share: Floats
    margins: tuple[Margin, ...] = ()

    @property
    def design_weight(self) -> Floats:
        """N_h / n_h of each cell."""
        weight: Floats = (self.stratum_population / np.maximum(self.stratum_sampled, 1.0))[self.stratum]
        return weight


@dataclass(frozen=True)
class Frame:
    """All fine cells of a bundle, sorted by wave, municipality and stratum.

    Attributes:
        bands: the finest age bands, youngest first.
        strata: the rows of strata.csv sorted by wave and municipality, in their own order within.
        designs: one per wave and municipality.
        cell: fine cell of each row of responses.csv.
        gender: self-reported gender of each row of responses.csv: position in `GENDERS`, 4 = not stated.
        order: rows of responses.csv sorted by cell; `Design.rows` are slices of it.
    """

    bands: tuple[str, ...]
    strata: pd.DataFrame
    designs: tuple[Design, ...]
    cell: Ints
    gender: Ints
    order: Ints


def reporting_groups(bundle: Bundle, settings: Settings) -> dict[str, str]:
    """Reporting age group of each band, youngest first.

    The bundle's own age_groups.csv decides; else the groups of the settings, when every band fits inside one;
    else each band is its own group.
    """
    bands = bundle.age_bands
    if bundle.age_groups is not None:
        own = dict(zip(bundle.age_groups["age_group"], bundle.age_groups["reporting_age_group"], strict=True))
        return {band: own[band] for band in bands}
    found = {band: _containing(band, settings.reporting_age_groups) for band in bands}
    if all(found.values()):
        return {band: str(group) for band, group in found.items()}
    return {band: band for band in bands}


def _containing(band: str, groups: tuple[str, ...]) -> str | None:
    """The group whose ages contain those of the band."""
    inner = age_range(band)
    for group in groups:
        outer = age_range(group)
        if inner and outer and outer[0] <= inner[0] and inner[1] <= outer[1]:
            return group
    return None
