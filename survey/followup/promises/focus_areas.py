"""The areas in which every municipality of a police region is to have a promise, and which lack one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Faults, UserError
from survey.followup.promises.records import PromiseRecord
from survey.models.municipality import Municipality
from survey.models.promise import FocusArea
from survey.preparation.geography import find_municipality
from survey.preparation.senders import text_fault

LONGEST = 120


@dataclass(frozen=True)
class FocusLine:
    """An area and how many promises a municipality has in it."""

    id: int
    name: str
    agreed: int
    drafts: int

    @property
    def state(self) -> str:
        return "Undertecknat" if self.agreed else "Utkast" if self.drafts else "Saknas"


def police_regions(session: Session) -> list[str]:
    """The regions of the municipalities that are loaded."""
    return sorted(set(session.scalars(select(Municipality.police_region))))


def list_focus_areas(session: Session, police_region: str | None = None) -> list[FocusArea]:
    """The areas that are asked for now, in the order they were added."""
    wanted = select(FocusArea).where(FocusArea.withdrawn_on.is_(None)).order_by(FocusArea.id)
    if police_region is not None:
        wanted = wanted.where(FocusArea.police_region == police_region)
    return list(session.scalars(wanted))


def add_focus_area(session: Session, police_region: str, name: str, *, by: str) -> None:
    """Ask for promises in an area from now on; one that was withdrawn comes back."""
    name = " ".join(name.split())
    if fault := text_fault(name, LONGEST, needed=True):
        raise Faults({"name": fault})
    if police_region not in police_regions(session):
        raise Faults({"police_region": "Välj en region som har inlästa kommuner."})
    row = session.scalar(
        select(FocusArea).where(FocusArea.police_region == police_region, FocusArea.name == name)
    )
    if row is not None and row.withdrawn_on is None:
        raise Faults({"name": "Det området finns redan."})
    if row is None:
        session.add(FocusArea(police_region=police_region, name=name))
    else:
        row.withdrawn_on = None
    session.flush()
    audit.record(session, by, "add focus area", police_region, name=name)


def withdraw_focus_area(session: Session, focus_id: str, *, by: str, today: date) -> None:
    """Ask no longer for promises in an area; those that name it keep it."""
    found = {str(one.id): one for one in list_focus_areas(session)}.get(focus_id)
    if found is None:
        raise UserError("Området finns inte eller är redan borttaget. Läs in sidan på nytt.")
    found.withdrawn_on = today
    session.flush()
    audit.record(session, by, "withdraw focus area", found.police_region, name=found.name)


def focus_areas(
    session: Session, municipality_code: str, records: Sequence[PromiseRecord]
) -> tuple[FocusLine, ...]:
    """How the promises of a municipality cover the areas of its region."""
    region = find_municipality(session, municipality_code).police_region
    agreed = [record.agreed.text.focus_area_id for record in records if record.agreed]
    drafts = [record.newest.text.focus_area_id for record in records if record.agreed is None]
    return tuple(
        FocusLine(one.id, one.name, agreed.count(one.id), drafts.count(one.id))
        for one in list_focus_areas(session, region)
    )
