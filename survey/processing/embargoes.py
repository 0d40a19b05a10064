"""When a release opens for each audience: set with the release, changed until it has passed."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit, clock
from survey.errors import Faults, UserError
from survey.models.release import Audience, Release
from survey.models.releasing import Embargo

Times = Mapping[Audience, datetime | None]  # of an audience that is left out: as the one before it
AUDIENCE_WORDS: Mapping[Audience, str] = {
    Audience.REGION: "polisregionen",
    Audience.POLICE: "lokalpolisområdena",
    Audience.MUNICIPALITY: "kommunerna",
    Audience.PUBLIC: "allmänheten",
}
YEARS = range(2000, 2100)


def read_times(written: Mapping[str, str]) -> dict[Audience, datetime | None]:
    """The moments that somebody wrote for audiences, by Swedish clocks; empty means no moment of its own."""
    found: dict[Audience, datetime | None] = {}
    faults: dict[str, str] = {}
    for audience, words in AUDIENCE_WORDS.items():
        try:
            found[audience] = _moment(written.get(audience.value, "").strip())
        except ValueError:
            faults[audience.value] = (
                f"Tiden för {words} ska skrivas som 2027-01-31 09:00. Lämna tomt för samma som den innan."
            )
    if faults:
        raise Faults(faults)
    require_order(found)
    return found


def require_order(times: Times) -> None:
    """Stop when a wider audience would read before a nearer one."""
    latest: datetime | None = None
    for audience in Audience:
        moment = times.get(audience)
        if moment is None:
            continue
        if latest is not None and moment < latest:
            words = AUDIENCE_WORDS[audience]
            raise Faults(
                {audience.value: f"Tiden för {words} kan inte vara tidigare än för dem före i listan."}
            )
        latest = moment


def set_times(session: Session, release: Release, times: Times) -> None:
    """Remember for a draft when each audience is to read it."""
    require_order(times)
    for audience in Audience:
        session.merge(Embargo(release_id=release.id, audience=audience.value, opens_at=times.get(audience)))
    session.flush()


def start(session: Session, release: Release, now: datetime) -> dict[str, str]:
    """Settle the moments of a draft released now: nobody reads it before, none before a nearer one."""
    waiting = _replace_waiting(session, release, now)
    wanted = times_of(session, release)
    latest = now
    settled: dict[Audience, datetime | None] = {}
    for audience in Audience:
        latest = max(latest, wanted.get(audience) or waiting.get(audience) or now)
        settled[audience] = latest
    set_times(session, release, settled)
    return _told(settled)


def times_of(session: Session, release: Release) -> dict[Audience, datetime | None]:
    """The moments that are set for a release or a draft."""
    rows = session.scalars(select(Embargo).where(Embargo.release_id == release.id))
    found = {Audience(row.audience): clock.utc(row.opens_at) if row.opens_at else None for row in rows}
    return {audience: found[audience] for audience in Audience if audience in found}


def change(session: Session, wave_code: str, written: Mapping[str, str], *, by: str, now: datetime) -> None:
    """Move the moments of a wave's newest release that have not passed; the others stay as they are."""
    release = session.scalar(
        select(Release)
        .where(Release.wave_code == wave_code, Release.released_at.is_not(None))
        .order_by(Release.version.desc())
        .limit(1)
        .with_for_update()
    )
    if release is None:
        raise UserError(f"Omgången {wave_code} är inte släppt, så det finns ingen tid att ändra.")
    before = times_of(session, release)
    wanted = {audience: moment for audience, moment in read_times(written).items() if moment is not None}
    moved = {audience: moment for audience, moment in wanted.items() if moment != before.get(audience)}
    for audience in moved:
        passed = before.get(audience)
        if passed is not None and passed <= now:
            words = AUDIENCE_WORDS[audience]
            raise Faults({audience.value: f"Tiden för {words} har passerat och kan inte ändras."})
    after: dict[Audience, datetime | None] = {
        **before,
        **{audience: max(moment, now) for audience, moment in moved.items()},
    }
    require_order(after)
    if not moved:
        return
    set_times(session, release, after)
    audit.record(session, by, "change embargo", wave_code, version=release.version, opens=_told(after))


def _replace_waiting(session: Session, release: Release, now: datetime) -> dict[Audience, datetime]:
    """What an earlier version waits for: it never opens any more, and the correction opens no earlier."""
    query = (
        select(Embargo)
        .join(Release, Release.id == Embargo.release_id)
        .where(Release.wave_code == release.wave_code, Release.version < release.version)
        .where(Embargo.opens_at > now.astimezone(UTC))
        .order_by(Release.version)
    )
    waiting = {}
    for row in session.scalars(query).all():
        if row.opens_at is not None:
            waiting[Audience(row.audience)] = clock.utc(row.opens_at)
        row.opens_at = None
    return waiting


def _told(times: Times) -> dict[str, str]:
    return {
        audience.value: clock.local(moment).isoformat(timespec="minutes")
        for audience, moment in times.items()
        if moment
    }


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo or moment.year not in YEARS:
        raise ValueError(text)
    return moment.replace(tzinfo=clock.SWEDEN).astimezone(UTC)
