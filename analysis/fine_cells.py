"""Everyone placed in a fine cell, and the cells cut into municipalities: how a `design.Frame` is made."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis import checks
from analysis.arrays import Floats, Ints
from analysis.coherence import area_codes
from analysis.design import Design, Frame, Margin
from analysis.packed import find_rows, unpack
from analysis.schema import GENDERS, LEGAL_GENDERS, Bundle
from analysis.settings import Membership

WOMAN_SHARE = np.array([1.0, 0.0, 0.5, 0.5, 0.5])  # of GENDERS and of those who did not state theirs


def build_frame(bundle: Bundle, membership: Membership = "register") -> Frame:
    """Place everyone in a fine cell.

    Args:
        bundle: a validated bundle.
        membership: `reported` crosses the cells with reported gender, since weights then depend on it; who
            did not answer stays with the sex of the register. METHODS.md M-33.

    Returns:
        The cells and, for each wave and municipality, the counts and totals weighting needs. Municipalities
        without respondents are there too.
    """
    strata = _ordered_strata(bundle)
    bands = bundle.age_bands
    margin_codes = _margin_codes(bundle)
    rows = bundle.sample_row
    known = checks.positions(bundle.responses["gender"], GENDERS)
    gender = np.where(known < 0, len(GENDERS), known)
    parts, sizes = _cell_parts(bundle, strata, bands, margin_codes)
    if membership == "reported":
        parts, sizes = (*parts, _reported(parts[1], rows, gender)), (*sizes, len(GENDERS) + 1)
    key = np.ravel_multi_index(parts, sizes)
    present = np.bincount(key, minlength=int(np.prod(sizes))) > 0
    cell_of_key = np.cumsum(present) - 1
    sample_cell = cell_of_key[key]
    cell = sample_cell[rows]
    described = np.unravel_index(np.flatnonzero(present), sizes)
    count = int(present.sum())
    sampled = np.bincount(sample_cell, minlength=count)
    respondents = np.bincount(cell, minlength=count)
    order = np.argsort(cell, kind="stable")
    cells = _Cells(
        described, sampled, respondents, WOMAN_SHARE[described[-1 if membership == "reported" else 1]]
    )
    designs = _designs(bundle, strata, bands, margin_codes, cells)
    return Frame(bands, strata, designs, cell, gender, order)


@dataclass(frozen=True)
class _Cells:
    """Stratum, sex, band and margin categories of each cell, and its counts."""

    described: tuple[Ints, ...]
    sampled: Ints
    respondents: Ints
    woman_share: Floats


def _reported(legal_gender: Ints, rows: Ints, gender: Ints) -> Ints:
    """Reported gender of each sampled person; the register's where there is no answer."""
    reported = legal_gender.copy()
    reported[rows] = gender
    return reported


def _ordered_strata(bundle: Bundle) -> pd.DataFrame:
    """strata.csv sorted by wave and municipality; areas keep the order they have there."""
    order = bundle.strata.sort_values(["wave", "municipality_code"], kind="stable")
    return order.reset_index(drop=True)


def _margin_codes(bundle: Bundle) -> dict[str, tuple[Ints, tuple[str, ...]]]:
    """For each further margin: the category of each row of sample.csv, and the categories."""
    codes: dict[str, tuple[Ints, tuple[str, ...]]] = {}
    if bundle.margins is not None:
        for margin in bundle.margins["margin"].unique():
            categories = tuple(sorted(set(unpack(bundle.sample[margin])[1])))
            codes[str(margin)] = (checks.positions(bundle.sample[margin], categories), categories)
    return codes


def _cell_parts(
    bundle: Bundle,
    strata: pd.DataFrame,
    bands: tuple[str, ...],
    margin_codes: dict[str, tuple[Ints, tuple[str, ...]]],
) -> tuple[tuple[Ints, ...], tuple[int, ...]]:
    """Coordinates of each sampled person, and the size of each coordinate."""
    stratum = find_rows(bundle.sample, ["wave", "stratum"], strata)
    gender = checks.positions(bundle.sample["legal_gender"], LEGAL_GENDERS)
    band = checks.positions(bundle.sample["age_group"], bands)
    extra = [codes for codes, _ in margin_codes.values()]
    sizes = (len(strata), len(LEGAL_GENDERS), len(bands), *(len(names) for _, names in margin_codes.values()))
    return (stratum, gender, band, *extra), sizes


def _designs(
    bundle: Bundle,
    strata: pd.DataFrame,
    bands: tuple[str, ...],
    margin_codes: dict[str, tuple[Ints, tuple[str, ...]]],
    cells: _Cells,
) -> tuple[Design, ...]:
    """Cut the strata, the cells and the respondents into municipalities."""
    place = checks.joined(strata, ["wave", "municipality_code"])
    changes = np.flatnonzero(place[1:].to_numpy() != place[:-1].to_numpy()) + 1
    starts: Ints = np.concatenate([[0], changes]).astype(np.int64)
    cell_starts = np.searchsorted(cells.described[0], [*starts, len(strata)]).tolist()
    row_ends = [0, *np.cumsum(cells.respondents).tolist()]
    totals = _totals(bundle, place.iloc[starts], bands)
    responded = np.zeros(len(strata), dtype=np.int64)
    np.add.at(responded, cells.described[0], cells.respondents)
    edges = [*map(int, starts), len(strata)]
    further = cells.described[3 : 3 + len(margin_codes)]
    waves, codes, names = (
        checks.text(strata, name).tolist() for name in ("wave", "municipality_code", "stratum")
    )
    of_area = area_codes(strata)
    persons, sampled = (strata[name].to_numpy(dtype=np.float64) for name in ("population", "sampled"))
    designs = []
    for number, (begin, end) in enumerate(pairwise(edges)):
        part = slice(cell_starts[number], cell_starts[number + 1])
        wave, code = waves[begin], codes[begin]
        frame_count, population = persons[begin:end], totals[number]
        area, found = pd.factorize(of_area[begin:end])
        designs.append(
            Design(
                wave=wave,
                municipality_code=code,
                cells=part,
                strata=slice(begin, end),
                rows=slice(row_ends[part.start], row_ends[part.stop]),
                areas=tuple(names[begin:end]),
                area_codes=tuple(found),
                area=area,
                stratum_population=frame_count,
                stratum_total=frame_count * (population.sum() / max(frame_count.sum(), 1.0)),
                stratum_sampled=sampled[begin:end],
                stratum_respondents=responded[begin:end],
                stratum=cells.described[0][part] - begin,
                gender=cells.described[1][part],
                band=cells.described[2][part],
                sampled=cells.sampled[part],
                respondents=cells.respondents[part],
                population=population,
                woman_share=cells.woman_share[part],
                margins=_margins(bundle, wave, code, margin_codes, [one[part] for one in further]),
            )
        )
    return tuple(designs)


def _totals(bundle: Bundle, place: "pd.Series[str]", bands: tuple[str, ...]) -> Floats:
    """Population by municipality (of a wave) x register sex x age band."""
    table = bundle.population
    row = checks.positions(checks.joined(table, ["wave", "municipality_code"]), place)
    gender = checks.positions(table["legal_gender"], LEGAL_GENDERS)
    band = checks.positions(table["age_group"], bands)
    totals = np.zeros((len(place), len(LEGAL_GENDERS), len(bands)))
    np.add.at(totals, (row, gender, band), table["population"].to_numpy(dtype=np.float64))
    return totals


def _margins(
    bundle: Bundle,
    wave: str,
    code: str,
    margin_codes: dict[str, tuple[Ints, tuple[str, ...]]],
    of_cell: list[Ints],
) -> tuple[Margin, ...]:
    """The further margins this municipality has totals for, the categories in the order of margins.csv."""
    if bundle.margins is None:
        return ()
    table = bundle.margins
    mine = table[(table["wave"] == wave) & (table["municipality_code"] == code)]
    found = []
    for (name, (_, categories)), codes in zip(margin_codes.items(), of_cell, strict=True):
        rows = mine[mine["margin"] == name]
        if len(rows):
            place = checks.positions(pd.Series(categories, dtype="str"), rows["category"])
            population = rows["population"].to_numpy(dtype=np.float64)
            found.append(Margin(name, tuple(rows["category"]), place[codes], population))
    return tuple(found)
