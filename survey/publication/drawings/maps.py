"""Maps of results and of borders: coloured only where a difference is certain, never by colour alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shapely import Geometry

from survey.publication import wording
from survey.publication.content import Figure, GroupFigures, IndicatorResult, MunicipalityReport
from survey.publication.drawings.chart_rows import ALT_LIMIT, TABLE_HINT
from survey.publication.drawings.charts import people
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

NO_CERTAIN, NOT_COMPARABLE = "no_certain_difference", "not_comparable"
SIDES = {"above": "up", "below": "down"}
LEVELS = {"above": "högre", "below": "lägre"}
TONES = {"better": "bättre", "worse": "sämre"}
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
    verdicts: Mapping[str, str],
) -> MapDrawing | None:
    """One measure in each area beside the whole municipality; None unless every area has a border.

    `verdicts` holds the verdict of each area's comparison with its municipality, by code of the area.
    """
    whole = f"hela {report.municipality}"
    return _result_map(
        report, indicator, indicator.areas, borders, verdicts, whole, "delområden", people(report)
    )


def region_map(
    report: MunicipalityReport,
    indicator: IndicatorResult,
    municipalities: Sequence[GroupFigures],
    borders: Mapping[str, Geometry],
    verdicts: Mapping[str, str],
) -> MapDrawing | None:
    """One measure in each municipality beside the whole region, the report's own with a thick border.

    `verdicts` holds the verdict of each municipality's comparison with the region, by code.
    """
    whole, who = wording.lower(report.region_label), f"invånare {report.wave.ages} år"
    return _result_map(
        report, indicator, municipalities, borders, verdicts, whole, "kommuner", who, report.municipality_code
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
    verdicts: Mapping[str, str],
    whole: str,
    what: str,
    who: str,
    own: str = "",
) -> MapDrawing | None:
    if not groups or any(group.key not in borders for group in groups):
        return None
    places = [
        _place(number, group, verdicts.get(group.key, ""), indicator.direction, whole)
        for number, group in enumerate(groups, start=1)
    ]
    title = f"{indicator.label}: {_finding(places, whole, what)}"
    frame = _Frame(
        f"karta-{indicator.id}",
        title,
        f"Andel i procent, {who}, {report.wave.name}",
        f"Karta över {len(places)} {what} {report.wave.name}. {title}. {TABLE_HINT}",
        _description(places, whole),
        _keys(places, whole),
    )
    return _draw(places, borders, frame, report, own)


def _place(number: int, group: GroupFigures, verdict: str, direction: str, whole: str) -> MapPlace:
    kind, words = _judged(group.now, verdict, direction, whole)
    return MapPlace(group.key, str(number), group.label, kind, group.now, words)


def _judged(now: Figure, verdict: str, direction: str, whole: str) -> tuple[str, str]:
    """The kind of a place by the verdict alone, and its words."""
    if not now.shown:
        return "hidden", f"visas inte ({now.note or wording.HIDDEN_REASON})"
    if verdict in SIDES:
        kind = "better" if SIDES[verdict] == direction else "worse"
        return kind, f"{LEVELS[verdict]} än {whole}, {TONES[kind]}"
    if verdict == NO_CERTAIN:
        return "unsure", "går inte att säga"
    return "apart", "jämförs inte"


def _finding(places: Sequence[MapPlace], whole: str, what: str) -> str:
    counts = {kind: sum(place.kind == kind for place in places) for kind in ("better", "worse", "unsure")}
    said = [f"{TONES[kind]} i {_count(counts[kind], what)}" for kind in ("worse", "better") if counts[kind]]
    if said:
        return f"säkert {' och säkert '.join(said)} än i {whole}"
    if counts["unsure"]:
        return f"inga {what} skiljer sig säkert från {whole}"
    return f"{what} jämförs inte"


def _count(number: int, what: str) -> str:
    singular = {"delområden": "delområde", "kommuner": "kommun"}
    return f"{number} {singular[what] if number == 1 else what}"


def _description(places: Sequence[MapPlace], whole: str) -> str:
    """Those that differ for certain, by number and name: what the colours say."""
    named = {
        kind: [f"{place.number} {place.label}" for place in places if place.kind == kind]
        for kind in ("worse", "better")
    }
    said = [f"Säkert {TONES[kind]} än {whole}: {', '.join(names)}." for kind, names in named.items() if names]
    return " ".join(said)


def _keys(places: Sequence[MapPlace], whole: str) -> list[tuple[str, str]]:
    """Only what the map shows is explained."""
    texts = {
        "better": f"säkert bättre än {whole}",
        "worse": f"säkert sämre än {whole}",
        "unsure": f"går inte att säga om det skiljer sig från {whole}",
        "apart": "jämförs inte",
        "hidden": "visas inte: för få svar eller för osäkert",
    }
    shown = {place.kind for place in places}
    return [(kind, text) for kind, text in texts.items() if kind in shown]


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
    if report is None:
        return ""
    return f"Källa: {report.wave.title}, {report.municipality}, utgåva {report.release.version}."
