"""What whoever releases has looked at: ticked one by one, and kept with the release."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey import clock
from survey.errors import Faults
from survey.models.releasing import ReleaseCheck

ITEMS: Mapping[str, str] = {
    "response": "Jag har läst hur många som svarade och vilka grupper som saknas.",
    "weights": "Jag har sett över vikterna i de kommuner som står först i listan.",
    "remarks": "Jag har läst anmärkningarna från beräkningen.",
    "hidden": "Jag vet vad som inte visas och varför.",
    "changes": "Jag har sett vad som har ändrats och kan förklara det.",
    "times": "Tiderna är de som är överenskomna.",
}


@dataclass(frozen=True)
class Tick:
    """Something that somebody has looked at."""

    words: str
    by: str
    at: datetime


def tick(session: Session, draft_id: int, ticked: Collection[str], by: str, *, required: bool) -> None:
    """Keep what is ticked for a draft, in the place of what was; real results need it all."""
    missing = [item for item in ITEMS if item not in ticked]
    if required and missing:
        raise Faults({item: f"Inte ikryssat: {ITEMS[item]}" for item in missing})
    session.execute(delete(ReleaseCheck).where(ReleaseCheck.release_id == draft_id))
    now = datetime.now(UTC)
    session.add_all(
        ReleaseCheck(release_id=draft_id, item=item, ticked_by=by, ticked_at=now)
        for item in ITEMS
        if item in ticked
    )
    session.flush()


def ticks_of(session: Session, release_id: int) -> tuple[Tick, ...]:
    """What was ticked for a draft or release, in the order of the list."""
    rows = session.scalars(select(ReleaseCheck).where(ReleaseCheck.release_id == release_id))
    found = {row.item: row for row in rows}
    return tuple(
        Tick(words, found[item].ticked_by, clock.local(found[item].ticked_at))
        for item, words in ITEMS.items()
        if item in found
    )
