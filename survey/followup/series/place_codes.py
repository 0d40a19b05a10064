"""Which place a code in a file of statistics means."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.followup.places import NATION_CODE, Level
from survey.models.area import Area
from survey.models.place import UpperPlace
from survey.preparation.districts import district_names
from survey.preparation.geography import municipality_names
from survey.preparation.statistical_files.table import Dimension

Where = tuple[Level, str]
_NATION = ("00", NATION_CODE, "SE0", "riket")  # as SCB, we and others write it


@dataclass(frozen=True)
class PlaceCodes:
    """Every place that is read in, whenever it holds, and the names of municipalities."""

    known: frozenset[Where]
    municipalities: Mapping[str, str]  # code by name in small letters

    @classmethod
    def of(cls, session: Session) -> "PlaceCodes":
        named = municipality_names(session)
        known = {(Level.MUNICIPALITY, code) for code in named} | {(Level.NATION, NATION_CODE)}
        known |= {(Level.DISTRICT, code) for code in district_names(session)}
        known |= {(Level.AREA, code) for code in session.scalars(select(Area.code))}
        upper = session.execute(select(UpperPlace.level, UpperPlace.code))
        known |= {(Level(level), code) for level, code in upper}
        return cls(frozenset(known), {name.casefold(): code for code, name in named.items()})

    def __contains__(self, where: Where) -> bool:
        return where in self.known

    def of_dimension(self, region: Dimension) -> dict[str, Where | None]:
        """The places that the categories mean; those that mean none that we know are left out."""
        meant = {code: self._meant(code, label) for code, label in region.categories.items()}
        return {code: where for code, where in meant.items() if where is not None}

    def _meant(self, code: str, label: str) -> Where | None:
        if code.casefold() in {one.casefold() for one in _NATION}:
            return Level.NATION, NATION_CODE
        found = [(level, code) for level in Level if (level, code) in self.known]
        if len(found) == 1:
            return found[0]
        named = self.municipalities.get(label.casefold())
        return (Level.MUNICIPALITY, named) if named and not found else None
