"""Views that analysts keep under a name: their own, and those that others share."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Faults, UserError
from survey.models.saved_view import SavedView
from survey.preparation.one_line import one_line

LONGEST_NAME = 80
MOST_VIEWS = 200


@dataclass(frozen=True)
class ViewEntry:
    """A kept view in the list."""

    id: int
    name: str
    query: str
    owner: str
    shared: bool
    own: bool


def list_views(session: Session, by: str) -> tuple[ViewEntry, ...]:
    """One's own views and the shared ones, by name."""
    query = select(SavedView).where(or_(SavedView.owner == by.casefold(), SavedView.shared))
    return tuple(
        ViewEntry(one.id, one.name, one.query, one.owner, one.shared, one.owner == by.casefold())
        for one in session.scalars(query.order_by(SavedView.name, SavedView.id))
    )


def save_view(session: Session, name: str, query: str, *, shared: bool, by: str) -> None:
    """Keep a view; a name that one has used already gets the new view."""
    name, owner = one_line(name, LONGEST_NAME), by.casefold()
    if not name:
        raise Faults({"namn": f"Skriv ett namn på vyn, högst {LONGEST_NAME} tecken och inga styrtecken."})
    own = select(SavedView).where(SavedView.owner == owner)
    found = session.scalar(own.where(SavedView.name == name))
    if found is None:
        if len(session.scalars(own).all()) >= MOST_VIEWS:
            raise UserError(f"Du har {MOST_VIEWS} sparade vyer. Ta bort någon innan du sparar en ny.")
        found = SavedView(owner=owner, name=name)
        session.add(found)
    found.query, found.shared, found.saved_at = query, shared, datetime.now(UTC)
    session.flush()
    audit.record(session, by, "save view", name, shared=shared)


def delete_view(session: Session, view_id: int, *, by: str) -> None:
    """Take away one of one's own views."""
    found = session.get(SavedView, view_id)
    if found is None or found.owner != by.casefold():
        raise UserError("Vyn finns inte eller är någon annans. Bara den som sparade en vy kan ta bort den.")
    session.delete(found)
    audit.record(session, by, "delete view", found.name)
