"""A municipality hands in where its areas lie: those of today, or those that it has proposed."""

from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.participation import AreaChoice
from survey.preparation import borders, proposed_borders
from survey.preparation.area_listings import ListedArea
from survey.preparation.border_files import LARGEST_UPLOAD, BorderFaults, read_features
from survey.preparation.participation import UNDRAWN, lock_accepting
from survey.preparation.recuts import current_areas, find_proposal


def set_borders(session: Session, wave_code: str, municipality_code: str, content: bytes, by: str) -> int:
    """Store the borders of a file, of the proposed areas where there are some, else of today's; how many."""
    wave = lock_accepting(session, wave_code, municipality_code, *UNDRAWN)
    if not content:
        raise UserError("Välj en fil med gränserna.")
    features = read_features(content, LARGEST_UPLOAD)
    listed = pending(session, wave_code, municipality_code)
    known = current_areas(session, wave_code, municipality_code)
    names = {area.name: area.name for area in listed} or {area.code: area.name for area in known}
    found = borders.match(features, names, "inget delområde som gäller för omgången")
    labelled = {names[code]: shape for code, shape in found.items()}
    faults = borders.lacking(found, names, names)
    faults = faults or borders.area_faults(session, municipality_code, labelled, wave.population_date)
    if faults:
        raise BorderFaults(faults)
    if listed:
        proposed_borders.store(session, wave_code, municipality_code, found)
    else:
        borders.store_area_borders(session, found)
    audit.record(
        session,
        by,
        "hand in borders",
        f"{wave_code} {municipality_code}",
        borders=len(found),
        proposed=bool(listed),
    )
    return len(found)


def pending(session: Session, wave_code: str, municipality_code: str) -> tuple[ListedArea, ...]:
    """The areas that the municipality has proposed and nobody has decided on."""
    proposal = find_proposal(session, wave_code, municipality_code)
    return proposal.listing if proposal and proposal.choice is AreaChoice.PROPOSED else ()
