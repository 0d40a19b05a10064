"""The strata of a frame: areas, or areas x age classes when the young are drawn more densely. M-30."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from analysis.allocation import SEPARATOR, split
from analysis.errors import SamplingError

YOUNG, OLDER = "young", "older"


@dataclass(frozen=True)
class Strata:
    """The strata of a frame.

    Attributes:
        population: persons (N) by stratum code, in the order of the areas, the young first.
        area: area of each stratum.
        of_cell: stratum of each (area, age group) of the frame.
    """

    population: Mapping[str, int]
    area: Mapping[str, str]
    of_cell: Mapping[tuple[str, str], str]

    def by_area(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Numbers by stratum added up to areas."""
        found: dict[str, int] = {}
        for stratum, size in sizes.items():
            found[self.area[stratum]] = found.get(self.area[stratum], 0) + size
        return found


def stratify(frame: Mapping[str, Mapping[str, int]], young: Collection[str] = ()) -> Strata:
    """Areas, or areas x age classes where both classes live.

    Args:
        frame: persons by area and age group.
        young: the age groups of the class `young`; with none, the strata are the areas.

    Returns:
        Strata whose code is `area:young` or `area:older`, and the area's own where it is one stratum.

    Raises:
        SamplingError: an area without persons.
    """
    population: dict[str, int] = {}
    owner: dict[str, str] = {}
    of_cell: dict[tuple[str, str], str] = {}
    for area, groups in frame.items():
        classes = {group: YOUNG for group in groups if group in young}
        classes |= {group: OLDER for group in groups if group not in young}
        found = split({area: groups}, classes)
        if not found:
            raise SamplingError(f"area {area} has no persons to sample from")
        if len(found) == 1:
            found = {area: sum(found.values())}
        population |= found
        owner |= dict.fromkeys(found, area)
        for group, name in classes.items():
            code = f"{area}{SEPARATOR}{name}"
            of_cell[area, group] = code if code in found else area
    return Strata(population, owner, of_cell)
