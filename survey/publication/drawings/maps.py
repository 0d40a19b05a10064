"""Maps of results and of borders: coloured only where a difference is certain, never by colour alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shapely import Geometry

from survey.publication import wording
from survey.publication.content import Figure, GroupFigures, IndicatorResult, MunicipalityReport
from survey.publication.drawings.chart_rows import ALT_LIMIT, TABLE_HINT, source_line
from survey.publication.drawings.chart_words import people
from survey.publication.drawings.map_shapes import (
    LETTER,
    MARK,
    WIDTH,
    Words,
    box_of,
    hatch,
    outline,
    place_words,
    project,
)
from survey.publication.numbers import NBSP
from survey.publication.speech import say

TONES = {"better": "bättre", "worse": "sämre"}
MARKED_IN = {"worse": "säkert sämre i %(places)s", "better": "säkert bättre i %(places)s"}
THAN = {
    "worse": "Säkert sämre än %(whole)s: %(places)s.",
    "better": "Säkert bättre än %(whole)s: %(places)s.",
}
MARKED = frozenset(TONES)
HATCHED = {"worse": True, "hidden": False}  # whether the lines rise
KEY_LINE = 18.0


@dataclass(frozen=True)
class MapPlace:
    """A place on a map and in the table beside it."""

    code: str
    number: str
    label: str
    kind: str  # better worse unsure apart hidden plain
    figure: Figure | None = None
    words: str = ""  # how it compares, for the table


@dataclass(frozen=True)
class MapShape:
    """An area as it is drawn."""

    kind: str
    path: str
    hatch: str
    words: Words | None
    half: float  # of the width of its first line, to put the mark before it
    label: str
    own: bool = False


@dataclass(frozen=True)
class MapKey:
    """What a colour and its mark mean."""

    kind: str
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class MapDrawing:
    """A map ready to be drawn, with the rows of its table."""

    id: str
    title: str
    subtitle: str
    alt: str
    description: str
    source: str
    notice: str
    width: float
    height: float
    shapes: tuple[MapShape, ...]
    keys: tuple[MapKey, ...]
    places: tuple[MapPlace, ...]


@dataclass(frozen=True)
class _Frame:
    id: str
    title: str
    subtitle: str
    alt: str
    description: str
    keys: Sequence[tuple[str, str]]


def area_map(
    report: MunicipalityReport,
    indicator: IndicatorResult,
    borders: Mapping[str, Geometry],
) -> MapDrawing | None:
    """One measure in each area beside the whole municipality; None unless every area has a border."""
    whole = say("hela %(place)s", place=report.municipality)
    return _result_map(report, indicator, indicator.areas, borders, whole, "delområden", people(report))


def region_map(
    report: MunicipalityReport,
    indicator: IndicatorResult,
    municipalities: Sequence[GroupFigures],
    borders: Mapping[str, Geometry],
) -> MapDrawing | None:
    """One measure in each municipality beside the whole region, the report's own with a thick border."""
    whole, who = wording.lower(report.region_label), say("invånare %(ages)s år", ages=report.wave.ages)
    return _result_map(
        report, indicator, municipalities, borders, whole, "kommuner", who, report.municipality_code
    )


def border_map(labels: Mapping[str, str], borders: Mapping[str, Geometry], title: str) -> MapDrawing | None:
    """Where areas lie, before there is any result; None without borders."""
    places = [
        MapPlace(code, str(number), label, "plain")
        for number, (code, label) in enumerate(labels.items(), start=1)
        if code in borders
    ]
    if not places:
        return None
    named = [f"{place.number} {place.label}" for place in places]
    return _draw(
        places, borders, _Frame("granser", title, "", f"Karta. {title}: {', '.join(named)}.", "", ())
    )


def _result_map(
    report: MunicipalityReport,
    indicator: IndicatorResult,
    groups: Sequence[GroupFigures],
    borders: Mapping[str, Geometry],
    whole: str,
    what: str,
    who: str,
    own: str = "",
) -> MapDrawing | None:
    if not groups or any(group.key not in borders for group in groups):
        return None
    places = [_place(number, group, whole) for number, group in enumerate(groups, start=1)]
    title = f"{indicator.label}: {_finding(places, whole, what)}"
    frame = _Frame(
        f"karta-{indicator.id}" + ("-kommuner" if own else ""),
        title,
        say("Andel i procent, %(who)s, %(when)s", who=who, when=report.wave.name),
        say(
            "Karta över %(places)s %(when)s. %(title)s.",
            places=_count(len(places), what),
            when=report.wave.name,
            title=title,
        )
        + f" {say(TABLE_HINT)}",
        _description(places, whole),
        _keys(places, whole),
    )
    return _draw(places, borders, frame, report, own)


def _place(number: int, group: GroupFigures, whole: str) -> MapPlace:
    kind, words = _judged(group, whole)
    return MapPlace(group.key, str(number), group.label, kind, group.now, words)


def _judged(group: GroupFigures, whole: str) -> tuple[str, str]:
    """The kind of a place by the verdict of its comparison alone, and its words."""
    now, beside = group.now, group.standing
    if not now.shown:
        return "hidden", say("visas inte (%(why)s)", why=now.note or say(wording.HIDDEN_REASON))
    if beside.certain:
        told = say("%(level)s än %(whole)s", level=beside.text, whole=whole)
        return beside.tone, f"{told}, {say(TONES[beside.tone])}"
    if beside.verdict:
        return "unsure", say("går inte att säga")
    return "apart", say("jämförs inte")


def _finding(places: Sequence[MapPlace], whole: str, what: str) -> str:
    counts = {kind: sum(place.kind == kind for place in places) for kind in ("better", "worse", "unsure")}
    said = [say(MARKED_IN[kind], places=_count(n, what)) for kind in MARKED_IN if (n := counts[kind])]
    if said:
        return say("%(told)s än i %(whole)s", told=wording.enumeration(said), whole=whole)
    if counts["unsure"]:
        return say("inga %(places)s skiljer sig säkert från %(whole)s", places=say(what), whole=whole)
    return say("%(places)s jämförs inte", places=say(what))


def _count(number: int, what: str) -> str:
    singular = {"delområden": "delområde", "kommuner": "kommun"}
    return f"{number} {say(singular[what] if number == 1 else what)}"


def _description(places: Sequence[MapPlace], whole: str) -> str:
    """Those that differ for certain, by number and name: what the colours say."""
    named = {
        kind: [f"{place.number}{NBSP}{place.label}" for place in places if place.kind == kind]
        for kind in ("worse", "better")
    }
    said = [say(THAN[kind], whole=whole, places=", ".join(names)) for kind, names in named.items() if names]
    return " ".join(said)


def _keys(places: Sequence[MapPlace], whole: str) -> list[tuple[str, str]]:
    """Only what the map shows is explained."""
    texts = {
        "better": "säkert bättre än %(whole)s",
        "worse": "säkert sämre än %(whole)s",
        "unsure": "går inte att säga om det skiljer sig från %(whole)s",
        "apart": "jämförs inte",
        "hidden": "visas inte: för få har svarat, eller så är siffran för osäker",
    }
    shown = {place.kind for place in places}
    return [(kind, say(text, whole=whole)) for kind, text in texts.items() if kind in shown]


def _draw(
    places: Sequence[MapPlace],
    borders: Mapping[str, Geometry],
    frame: _Frame,
    report: MunicipalityReport | None = None,
    own: str = "",
) -> MapDrawing:
    plane = project({place.code: borders[place.code] for place in places})
    wanted = {place.code: (place.number, place.label, _figure_text(place)) for place in places}
    words = place_words(plane, wanted, {place.code for place in places if place.kind in MARKED})
    shapes = [_shape(place, plane.shapes[place.code], words.get(place.code), own) for place in places]
    # The own border last, on top of its neighbours'.
    shapes.sort(key=lambda shape: shape.own)
    keys = tuple(
        MapKey(kind, 4.0, plane.height + KEY_LINE * (number + 0.8), text)
        for number, (kind, text) in enumerate(frame.keys)
    )
    notice = f"{report.notice}. " if report and report.notice else ""
    return MapDrawing(
        id=frame.id,
        title=frame.title,
        subtitle=frame.subtitle,
        alt=f"{notice}{frame.alt}"[:ALT_LIMIT],
        description=frame.description,
        source=_source(report),
        notice=report.notice if report else "",
        width=WIDTH,
        height=round(plane.height + KEY_LINE * len(keys) + (6.0 if keys else 0.0), 1),
        shapes=tuple(shapes),
        keys=keys,
        places=tuple(places),
    )


def _figure_text(place: MapPlace) -> str:
    return place.figure.text if place.figure else ""


def _shape(place: MapPlace, shape: Geometry, words: Words | None, own: str) -> MapShape:
    extra = MARK if place.kind in MARKED else 0.0
    lines = ""
    if place.kind in HATCHED:
        lines = hatch(shape, HATCHED[place.kind], box_of(words, extra) if words else None)
    half = len(words.lines[0]) * LETTER / 2 if words and words.lines else 0.0
    return MapShape(place.kind, outline(shape), lines, words, round(half, 1), place.label, own == place.code)


def _source(report: MunicipalityReport | None) -> str:
    return source_line(report) if report else ""
