"""As whom a member of staff reads results, and what stands beside them."""

from survey import clock
from survey.access import current_staff
from survey.followup.audiences import audience_of
from survey.models.source import SourceAudience
from survey.publication.embargo import Reader, reader_of


def own_reader() -> Reader:
    """Whoever is logged in, now; nobody in particular reads what everybody may read."""
    staff = current_staff()
    return reader_of(staff.role if staff else "", clock.now())


def own_audience() -> SourceAudience:
    """As which audience whoever is logged in reads other sources and events."""
    staff = current_staff()
    return audience_of(staff.role if staff else "")
