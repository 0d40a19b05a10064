"""A picture as one reader may see it: the same figures, less what was meant for narrower circles."""

from collections.abc import Collection
from dataclasses import replace

from survey.followup.audiences import readable_by
from survey.followup.pictures.beside import events_use
from survey.followup.pictures.content import Picture, Promised
from survey.followup.places import SHARED_LEVELS
from survey.models.source import SourceAudience


def seen_by(picture: Picture, audience: SourceAudience, own: Collection[str] | None = None) -> Picture:
    """The picture without series, events, promises and texts that the audience may not read.

    `own` are the municipalities whose work the reader takes part in; without it all are.
    """
    allowed = readable_by(audience)
    series = tuple(one for one in picture.other_sources if one.audience in allowed)
    unseen = {one.code for one in picture.other_sources} - {one.code for one in series}
    titles = {one.title for one in picture.other_sources if one.code in unseen}
    events = tuple(one for one in picture.events if one.audience in allowed)
    told = {events_use(told=True).name: events_use(told=bool(events))}
    return replace(
        picture,
        other_sources=series,
        events=events,
        promises=tuple(
            one for one in picture.promises if one.audience in allowed and _is_near(one, picture, own)
        ),
        texts=tuple(one for one in picture.texts if one.audience in allowed),
        sources=tuple(
            told.get(one.name, one)
            for one in picture.sources
            # A picture signed before the code was kept names its series by title alone.
            if (one.series not in unseen if one.series else one.name not in titles)
        ),
    )


def _is_near(promised: Promised, picture: Picture, own: Collection[str] | None) -> bool:
    """Above the district a promise that is not published is read by those who have a part in it."""
    if own is None or picture.place.level in SHARED_LEVELS or promised.audience == SourceAudience.PUBLIC:
        return True
    return promised.municipality_code in own
