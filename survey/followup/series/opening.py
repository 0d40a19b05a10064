"""Lets more people read a series: an act of its own, since every value that was ever read in goes with it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Conflict, Faults
from survey.followup.audiences import AUDIENCE_WORDS, readable_by
from survey.followup.series.lookup import find_series
from survey.models.source import Series, SeriesValue, SourceAudience

NOT_WIDER = "Välj vilka fler som får läsa serien."
NOT_CONFIRMED = "Kryssa i att alla värden ska kunna läsas av fler."


def wider_than(audience: SourceAudience) -> tuple[SourceAudience, ...]:
    """The audiences that more people belong to."""
    return tuple(SourceAudience(one) for one in readable_by(audience) if one != audience.value)


def values_held(session: Session, series_code: str) -> int:
    """How many values a series has, of all places and periods."""
    query = select(func.count()).select_from(SeriesValue)
    held = query.where(SeriesValue.series_code == series_code, SeriesValue.replaced_by.is_(None))
    return session.scalar(held) or 0


def open_series(
    session: Session,
    series_code: str,
    seen_audience: str,
    audience: str,
    *,
    confirmed: bool,
    reads_as: SourceAudience,
    by: str,
) -> None:
    """Let a wider audience read a series with all its values.

    Raises:
        UserError: there is no such series, or it is otherwise than it was seen.
        Faults: the audience is no wider one, or nobody has confirmed it.
    """
    find_series(session, series_code, reads_as)
    row = session.get_one(Series, series_code, with_for_update=True, populate_existing=True)
    if row.audience != seen_audience:
        raise Conflict("Vilka som får läsa serien har ändrats sedan sidan öppnades. Läs den igen.")
    faults = {}
    if audience not in wider_than(SourceAudience(row.audience)):
        faults["audience"] = NOT_WIDER
    if not confirmed:
        faults["confirmed"] = NOT_CONFIRMED
    if faults:
        raise Faults(faults)
    before, row.audience = SourceAudience(row.audience), audience
    session.flush()
    audit.record(
        session,
        by,
        "open series",
        series_code,
        before=AUDIENCE_WORDS[before],
        after=AUDIENCE_WORDS[SourceAudience(audience)],
        values=values_held(session, series_code),
    )
