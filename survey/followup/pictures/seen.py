"""A picture as one reader may see it: the same figures, less what was meant for narrower circles."""

from dataclasses import replace

from survey.followup.audiences import readable_by
from survey.followup.pictures.beside import events_use
from survey.followup.pictures.content import Picture
from survey.models.source import SourceAudience


def seen_by(picture: Picture, audience: SourceAudience) -> Picture:
    """The picture without series, events, promises and texts that the audience may not read."""
    allowed = readable_by(audience)
    series = tuple(one for one in picture.other_sources if one.audience in allowed)
    unseen = {one.title for one in picture.other_sources} - {one.title for one in series}
    events = tuple(one for one in picture.events if one.audience in allowed)
    told = {events_use(told=True).name: events_use(told=bool(events))}
    return replace(
        picture,
        other_sources=series,
        events=events,
        promises=tuple(one for one in picture.promises if one.audience in allowed),
        texts=tuple(one for one in picture.texts if one.audience in allowed),
        sources=tuple(told.get(one.name, one) for one in picture.sources if one.name not in unseen),
    )
