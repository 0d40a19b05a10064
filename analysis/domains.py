"""Sums over domains: everything an estimate, its variance or a covariance is made of, before any division.

A domain is a mask over fine cells x reported gender, never a filtered table: persons outside it stay in the
strata and in the calibration. All sums add over municipalities, so a county is its municipalities added up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis import checks
from analysis.arrays import Ints, Mask
from analysis.blocks import Block, Key, combined
from analysis.design import Design, reporting_groups
from analysis.indicators import Variables, measure
from analysis.keys import AREA, MUNICIPALITY, TOTAL
from analysis.local_sums import LocalSums
from analysis.parallel import Progress, in_order
from analysis.schema import GENDERS
from analysis.variance import quadratic_forms
from analysis.weights import CellWeights, Weighted

WHOLE = "all of it"  # of a municipality in a union: whatever its strata are


@dataclass(frozen=True)
class Sums:
    """All blocks of a weighted bundle, with what their axes mean.

    Attributes:
        variables: meaning of the variables' axis.
        genders, ages: names of the positions in `Block.gender` and `Block.age`.
        blocks: by wave: all, municipalities, areas, unions.
        parts: of `all` and each union, by wave, geography and code: the block of each municipality in it.
        territories: what each union holds of its municipalities, `territories`.
    """

    variables: Variables
    genders: tuple[str, ...]
    ages: tuple[str, ...]
    blocks: tuple[Block, ...]
    parts: Mapping[Key, Mapping[str, Block]]
    territories: Mapping[Key, Mapping[str, frozenset[str]]]


def sum_domains(weighted: Weighted, progress: Progress | None = None, jobs: int = 1) -> Sums:
    """Sum every indicator over every domain of a weighted bundle.

    Args:
        weighted: the weights.
        progress: called with ("estimates", done, total) after each municipality.
        jobs: processes to use; the sums do not depend on it.
    """
    ages, age_of_band = reporting_ages(weighted)
    variables = measure(weighted.bundle)
    unions = union_strata(weighted)

    def work(part: CellWeights) -> list[Block]:
        design = part.design
        forms = quadratic_forms(part, weighted.settings)
        local = LocalSums(weighted.frame, design, variables, forms, age_of_band, len(ages))
        inside = unions.get((design.wave, design.municipality_code), {})
        return list(_blocks(design, local, inside, weighted.settings.areas))

    found: dict[Key, Block] = {}
    parts: dict[Key, dict[str, Block]] = {}
    for number, blocks in enumerate(in_order(work, weighted.municipalities, jobs), start=1):
        for block in blocks:
            key = (block.wave, block.geography, block.code)
            if block.geography in ("municipality", "area"):
                found[key] = block
            else:
                parts.setdefault(key, {})[blocks[0].code] = block
        if progress:
            progress("estimates", number, len(weighted.municipalities))
    found |= {key: combined(key, of.values()) for key, of in parts.items()}
    # Anew: without every answer side by side, which few steps after this one read again.
    variables = replace(variables)
    names = ((TOTAL, *GENDERS), (TOTAL, *ages))
    return Sums(variables, *names, tuple(_ordered(found)), parts, territories(weighted))


def municipality_sums(
    weighted: Weighted, variables: Variables, wave: str
) -> dict[str, tuple[CellWeights, LocalSums]]:
    """Weights and counts of each municipality with respondents in a wave, by its code."""
    ages, age_of_band = reporting_ages(weighted)
    found = {}
    for part in weighted.municipalities:
        if part.design.wave == wave:
            forms = quadratic_forms(part, weighted.settings)
            counted = LocalSums(weighted.frame, part.design, variables, forms, age_of_band, len(ages))
            found[part.design.municipality_code] = (part, counted)
    return found


def _blocks(design: Design, local: LocalSums, unions: Mapping[Key, Mask], areas: bool) -> Iterator[Block]:
    """What one municipality adds: itself first, then to all, its areas, and the unions it has strata in."""
    key = (design.wave, "municipality", design.municipality_code)
    whole = local.block(key, np.ones(len(design.stratum), dtype=bool))
    yield whole
    yield replace(whole, geography=TOTAL, code=TOTAL)
    if areas:
        yield from _area_blocks(design, local)
    for key, inside in unions.items():
        cells = inside[design.stratum]
        if cells.any():
            covered = bool(inside[design.stratum_respondents > 0].all())
            wave, geography, code = key
            yield (
                replace(whole, wave=wave, geography=geography, code=code)
                if covered
                else local.block(key, cells)
            )


def _area_blocks(design: Design, local: LocalSums) -> list[Block]:
    """The areas in which somebody answered."""
    answers = np.bincount(design.area, weights=design.stratum_respondents, minlength=len(design.area_codes))
    answered = np.flatnonzero(answers).tolist()
    keys = [(design.wave, "area", design.area_codes[at]) for at in answered]
    cells = design.area[design.stratum] == np.array(answered)[:, None]
    return local.area_blocks(keys, cells) if keys else []


def reporting_ages(weighted: Weighted) -> tuple[tuple[str, ...], Ints]:
    """Reporting age groups, youngest first, and the group of each band."""
    groups = reporting_groups(weighted.bundle, weighted.settings)
    ages = tuple(dict.fromkeys(groups.values()))
    return ages, np.array([ages.index(groups[band]) for band in weighted.frame.bands], dtype=np.int64)


def _ordered(found: dict[Key, Block]) -> Iterator[Block]:
    """By wave; all first, then municipalities, areas and unions, each in the order they came."""
    rank = {TOTAL: 0, MUNICIPALITY: 1, AREA: 2}
    for key in sorted(found, key=lambda key: (key[0], rank.get(key[1], 3), "" if key[1] in rank else key[1])):
        yield found[key]


def union_strata(
    weighted: Weighted,
) -> dict[tuple[str, str], dict[Key, Mask]]:
    """For each wave and municipality: the unions that touch it, and which of its strata they hold."""
    table = weighted.bundle.domains
    if table is None:
        return {}
    held: dict[Key, set[str]] = {}
    for wave, geography, code, stratum in zip(
        *(checks.text(table, name) for name in ("wave", "geography", "code", "stratum")), strict=True
    ):
        held.setdefault((wave, geography, code), set()).add(stratum)
    unions: dict[tuple[str, str], dict[Key, Mask]] = {}
    for part in weighted.municipalities:
        design = part.design
        for key in (key for key in held if key[0] == design.wave):
            inside = np.array([area in held[key] for area in design.areas])
            if inside.any():
                unions.setdefault((design.wave, design.municipality_code), {})[key] = inside
    return unions


def territories(weighted: Weighted) -> dict[Key, dict[str, frozenset[str]]]:
    """What each union of domains.csv holds of each municipality with answers. METHODS.md M-9.

    Returns:
        By wave, geography and code, and municipality: `WHOLE` alone, or the codes of the areas held, and of
        the strata where an area is held in part. Equal sets are the same ground, however it was sampled.
    """
    designs = {
        (part.design.wave, part.design.municipality_code): part.design for part in weighted.municipalities
    }
    found: dict[Key, dict[str, frozenset[str]]] = {}
    for place, unions in union_strata(weighted).items():
        for key, inside in unions.items():
            found.setdefault(key, {})[place[1]] = _territory(designs[place], inside)
    return found


def _territory(design: Design, inside: Mask) -> frozenset[str]:
    if inside.all():
        return frozenset({WHOLE})
    cut = set(design.area[~inside].tolist())
    held = zip(design.areas, design.area.tolist(), inside, strict=True)
    return frozenset(
        stratum if area in cut else design.area_codes[area] for stratum, area, mine in held if mine
    )
