"""Where a municipality's areas lie before there is any result: those of today, and those it has proposed."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey.preparation import borders, proposed_borders
from survey.preparation.recuts import current_areas, find_proposal
from survey.publication.drawings.maps import MapDrawing, border_map


@dataclass(frozen=True)
class BorderMaps:
    """Each is None where no borders are loaded."""

    current: MapDrawing | None
    proposed: MapDrawing | None


def border_maps(session: Session, wave_code: str, municipality_code: str) -> BorderMaps:
    """The maps of a municipality that is invited to a wave."""
    names = {area.code: area.name for area in current_areas(session, wave_code, municipality_code)}
    proposal = find_proposal(session, wave_code, municipality_code)
    listed = {area.name: area.name for area in proposal.listing} if proposal else {}
    proposed = proposed_borders.find(session, wave_code, municipality_code)
    return BorderMaps(
        border_map(names, borders.area_borders(session, names), "Delområdena som gäller för omgången"),
        border_map(listed, proposed, "Kommunens förslag"),
    )
