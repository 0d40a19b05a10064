"""Who was drawn in each municipality and wave, those together whose cells are alike. METHODS.md M-27."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats
from analysis.design import Design
from analysis.drawing import Drawn, Factor
from analysis.keys import TOTAL
from analysis.quality import sums_by
from analysis.schema import LEGAL_GENDERS
from analysis.weights import Weighted

AT_ONCE = 32  # samples side by side: few enough to stay near the processor


@dataclass(frozen=True)
class Sample:
    """Who was drawn in one unit, and the variables they are known by."""

    unit: int
    drawn: Drawn
    factors: list[Factor]

    @classmethod
    def of(cls, unit: int, designs: list[Design], factors: list[Factor]) -> "Sample":
        """The municipalities of a unit as one sample."""
        drawn = Drawn(
            np.concatenate([one.sampled for one in designs]).astype(np.float64),
            np.concatenate([one.respondents for one in designs]).astype(np.float64),
            np.concatenate([one.design_weight for one in designs]),
            np.concatenate([one.stratum + one.strata.start for one in designs]),
        )
        return cls(unit, drawn, factors)

    @property
    def cells(self) -> tuple[bytes, ...]:
        """Equal for samples that have their cells, strata and factors alike, whatever they are called."""
        stratum = self.drawn.stratum - self.drawn.stratum[:1]
        names = " ".join(f"{one.name} {len(one.categories)}" for one in self.factors)
        return (names.encode(), stratum.tobytes(), *(one.of_cell.tobytes() for one in self.factors))

    @property
    def categories(self) -> list[str]:
        """Of all factors; everybody last."""
        return [*(name for one in self.factors for name in one.categories), TOTAL]

    @property
    def persons(self) -> Floats:
        """Drawn in each of the categories."""
        drawn = self.drawn.sampled
        of = [sums_by(one.of_cell, drawn, len(one.categories)) for one in self.factors]
        return np.concatenate([*of, [drawn.sum()]])


def alike_samples(weighted: Weighted) -> Iterator[Sequence[Sample]]:
    """Every municipality and wave, some at a time; a wave's factors have the municipality as one of them.

    Samples that come together have their cells, strata and factors alike; what categories are called may
    differ. Units are the positions in `Frame.designs`, and after them the waves in their order.
    """
    designs, bands = weighted.frame.designs, weighted.frame.bands
    alike: dict[tuple[bytes, ...], list[Sample]] = {}
    for number, design in enumerate(designs):
        one = Sample.of(number, [design], [*_person_factors([design], bands), *_places(design)])
        alike.setdefault(one.cells, []).append(one)
    for samples in alike.values():
        for start in range(0, len(samples), AT_ONCE):
            yield samples[start : start + AT_ONCE]
    for number, wave in enumerate(weighted.bundle.waves, start=len(designs)):
        mine = [one for one in designs if one.wave == wave]
        codes = tuple(one.municipality_code for one in mine)
        place = np.repeat(np.arange(len(mine)), [len(one.stratum) for one in mine])
        factors = [*_person_factors(mine, bands), Factor("municipality_code", codes, place)]
        yield [Sample.of(number, mine, factors)]


def _person_factors(designs: list[Design], bands: tuple[str, ...]) -> list[Factor]:
    return [
        Factor("legal_gender", LEGAL_GENDERS, np.concatenate([one.gender for one in designs])),
        Factor("age_group", bands, np.concatenate([one.band for one in designs])),
    ]


def _places(design: Design) -> list[Factor]:
    """The variables known of one municipality alone: area and the further margins."""
    further = [Factor(margin.name, margin.categories, margin.of_cell) for margin in design.margins]
    return [Factor("area", design.area_codes, design.area[design.stratum]), *further]
