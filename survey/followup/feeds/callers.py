"""As whom another system reads: its audience, its own place, and the municipalities that lie there."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from survey import clock
from survey.followup import places
from survey.followup.places import Level, Place
from survey.models.api_token import TokenScope
from survey.models.source import SourceAudience
from survey.publication.embargo import Reader
from survey.publication.extracts import Extract, Filters, Viewer, viewer_of

LEVELS = {
    TokenScope.MUNICIPALITY: Level.MUNICIPALITY,
    TokenScope.DISTRICT: Level.DISTRICT,
    TokenScope.POLICE_AREA: Level.POLICE_AREA,
}
PUBLIC = "public"
# The audience of a release, and of what stands beside it.
READS_AS = {
    TokenScope.PUBLIC: (PUBLIC, SourceAudience.PUBLIC),
    TokenScope.MUNICIPALITY: ("municipality", SourceAudience.MUNICIPALITY),
    TokenScope.DISTRICT: ("police", SourceAudience.POLICE),
    TokenScope.POLICE_AREA: ("police", SourceAudience.POLICE),
    TokenScope.REGION: ("region", SourceAudience.POLICE),
}


@dataclass(frozen=True)
class Caller:
    """Who asks; the region and everybody have no place of their own."""

    viewer: Viewer
    audience: SourceAudience
    own: Place | None = None

    @property
    def reader(self) -> Reader:
        return self.viewer.reader

    @property
    def is_anybody(self) -> bool:
        return self.reader.is_anybody

    def reader_of(self, municipality_code: str) -> Reader:
        """As whom the caller reads of a municipality: of another one than its own like everybody."""
        if self.is_anybody or self.viewer.may_read_of(municipality_code):
            return self.reader
        return viewer_of(PUBLIC, None, self.reader.now).reader

    def near(self, session: Session) -> Collection[tuple[Level, str]] | None:
        """The own place, what lies in it and what it lies in; None for the region, to which all is near."""
        if self.own is None:
            return () if self.is_anybody else None
        return places.around(session, self.own, clock.local(self.reader.now).date())


def caller_of(session: Session, scope: str, place_code: str | None, now: datetime) -> Caller:
    """Whoever shows a token of a scope, or none: then the scope is that of everybody."""
    audience, reads = READS_AS[TokenScope(scope)]
    viewer = viewer_of(audience, None, now)
    level = LEVELS.get(TokenScope(scope))
    if level is None or place_code is None:
        return Caller(viewer, reads)
    own = places.place_ever(session, level, place_code)
    inside = places.municipalities(session, own, clock.local(now).date())
    return Caller(replace(viewer, municipalities=frozenset(inside)), reads, own)


def asked_of(place: Place, filters: Filters) -> bool:
    """Whether a place is among those that are asked for."""
    levels, codes = filters.get("level", ()), filters.get("code", ())
    return (not levels or place.level in levels) and (not codes or place.code in codes)


def page_of(columns: tuple[str, ...], rows: list[tuple[str | int | float | bool | None, ...]]) -> Extract:
    """Rows that rest on no release of their own; one that is simulated marks them all."""
    at = columns.index("synthetic") if "synthetic" in columns else None
    simulated = at is not None and any(row[at] for row in rows)
    return Extract(columns, rows, len(rows), (), simulated)
