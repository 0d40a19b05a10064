"""Maps: colour by the verdict alone, a sign beside it, and all of it in words and in a table."""

from dataclasses import replace
from xml.etree import ElementTree

import golden
import pytest
import shapely
from drawn_borders import square
from flask import Flask, get_template_attribute

from survey.publication.content import (
    NOT_COMPARED,
    GroupFigures,
    IndicatorResult,
    MunicipalityReport,
    Standing,
)
from survey.publication.drawings.area_maps import report_maps
from survey.publication.drawings.map_shapes import Plane, hatch, outline, place_words, project
from survey.publication.drawings.maps import MapDrawing, area_map, border_map, region_map
from survey.publication.payload import build_payload
from survey.publication.standings import WORDS, tone_of

VERDICTS = ("above", "below", "no_certain_difference", "")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def report() -> MunicipalityReport:
    return build_payload(golden.release(n=3000, areas=5, synthetic=True))


@pytest.fixture(scope="module")
def unsafe(report: MunicipalityReport) -> IndicatorResult:
    """A measure where less is better; its last area is hidden."""
    found = next(one for one in report.indicators if one.id == "unsafe_evening")
    hidden = replace(found.areas[-1].now, text="..", value=None, note="för få svar")
    return replace(found, areas=(*found.areas[:-1], replace(found.areas[-1], now=hidden)))


@pytest.mark.parametrize(("worse", "drawn"), [((3, 2, 2), 2), ((2, 1, 1), 1), ((1, 1, 0), 1), ((0, 0, 0), 0)])
def test_a_report_has_a_second_map_only_where_it_marks_several_areas(
    worse: tuple[int, ...], drawn: int
) -> None:
    report = build_payload(golden.release(areas=4, judge=None, borders=True))
    first = report.topics[0]
    bad, plain = Standing("above", "worse", "högre"), Standing("no_certain_difference", "", "")
    results = tuple(
        replace(
            result,
            areas=tuple(
                replace(a, standing=bad if at < count else plain) for at, a in enumerate(result.areas)
            ),
        )
        for result, count in zip(first.indicators, (*worse, *[0] * len(first.indicators)), strict=False)
    )
    maps = report_maps(replace(report, topics=(replace(first, indicators=results),)))
    assert [one.id for one in maps] == [f"karta-{one.id}" for one in results[:drawn]]


def squares(indicator: IndicatorResult) -> dict[str, shapely.Geometry]:
    return {group.key: shapely.polygons(square(column)) for column, group in enumerate(indicator.areas)}


def beside(group: GroupFigures, verdict: str, direction: str) -> GroupFigures:
    tone = tone_of(verdict, direction)
    return replace(group, standing=Standing(verdict, tone, WORDS[verdict]) if verdict else NOT_COMPARED)


def judged(indicator: IndicatorResult, *verdicts: str) -> IndicatorResult:
    pairs = zip(indicator.areas, verdicts, strict=True)
    areas = tuple(beside(area, verdict, indicator.direction) for area, verdict in pairs)
    return replace(indicator, areas=areas)


def drawn(report: MunicipalityReport, indicator: IndicatorResult) -> MapDrawing:
    """Every verdict once; the hidden area has one too, which must not show."""
    found = area_map(report, judged(indicator, *VERDICTS, "above"), squares(indicator))
    assert found is not None
    return found


def svg(app: Flask, drawing: MapDrawing) -> str:
    with app.test_request_context():
        return str(get_template_attribute("components/map.html", "map_drawing")(drawing))


def test_a_place_is_coloured_and_worded_by_its_verdict_alone(
    report: MunicipalityReport, unsafe: IndicatorResult
) -> None:
    for direction, first, second in (("down", "worse", "better"), ("up", "better", "worse")):
        found = drawn(report, replace(unsafe, direction=direction))
        assert [place.kind for place in found.places] == [first, second, "unsure", "apart", "hidden"]
        tones = {"better": "bättre", "worse": "sämre"}
        assert [place.words for place in found.places] == [
            f"högre än hela Nacka, {tones[first]}",
            f"lägre än hela Nacka, {tones[second]}",
            "går inte att säga",
            "jämförs inte",
            "visas inte (för få svar)",
        ]
    assert found.title.endswith("säkert sämre i 1 delområde och säkert bättre i 1 delområde än i hela Nacka")
    assert (
        found.description
        == "Säkert sämre än hela Nacka: 2\xa0Område 2. Säkert bättre än hela Nacka: 1\xa0Område 1."
    )
    assert [key.kind for key in found.keys] == ["better", "worse", "unsure", "apart", "hidden"]


def test_without_a_certain_difference_the_title_claims_none(
    report: MunicipalityReport, unsafe: IndicatorResult
) -> None:
    found = area_map(report, judged(unsafe, *["no_certain_difference"] * 5), squares(unsafe))
    assert found is not None
    assert found.title == f"{unsafe.label}: inga delområden skiljer sig säkert från hela Nacka"
    untested = area_map(report, judged(unsafe, *[""] * 5), squares(unsafe))
    assert untested is not None
    assert untested.title == f"{unsafe.label}: delområden jämförs inte"


def test_a_map_with_a_hole_is_not_drawn(report: MunicipalityReport, unsafe: IndicatorResult) -> None:
    some = squares(unsafe)
    some.popitem()
    assert area_map(report, unsafe, some) is None
    assert border_map({"x": "Okänt"}, {}, "Gränser") is None


def test_signs_and_hatches_say_what_colours_say(
    app: Flask, report: MunicipalityReport, unsafe: IndicatorResult
) -> None:
    found = drawn(report, unsafe)
    drawing = ElementTree.fromstring(svg(app, found))
    assert {shape.kind for shape in found.shapes if shape.hatch} == {"worse", "hidden"}
    # One sign on the map and one in the key.
    assert len(drawing.findall(f".//{SVG}circle")) == 2
    assert sum("l5 5-5 5-5-5z" in (path.get("d") or "") for path in drawing.iter(f"{SVG}path")) == 2
    title = drawing.find(f"{SVG}title")
    assert title is not None and (title.text or "").startswith(
        "SIMULERADE SVAR – INGET RESULTAT. Karta över 5"
    )
    assert drawing.get("aria-labelledby") == "karta-unsafe_evening-t karta-unsafe_evening-d"
    texts = [text.text for text in drawing.iter(f"{SVG}text")]
    assert f"1 {unsafe.areas[0].label}" in texts
    assert texts.count("..") == 1  # the hidden figure


def test_a_region_shows_the_own_municipality_with_a_border_of_its_own(
    report: MunicipalityReport, unsafe: IndicatorResult
) -> None:
    own, other = replace(unsafe.total, key="0182", label="Nacka"), replace(unsafe.total, key="0180")
    own, other = beside(own, "", unsafe.direction), beside(other, "below", unsafe.direction)
    borders = {"0182": shapely.polygons(square(0)), "0180": shapely.polygons(square(1))}
    found = region_map(report, unsafe, [own, other], borders)
    assert found is not None
    assert [(shape.own, shape.kind) for shape in found.shapes] == [(False, "better"), (True, "apart")]
    assert found.title.endswith("säkert bättre i 1 kommun än i hela regionen")


def test_a_map_of_a_hundred_jagged_areas_weighs_less_than_thirty_kilobytes(
    app: Flask, report: MunicipalityReport, unsafe: IndicatorResult
) -> None:
    grid = shapely.polygons([square(i % 11, i // 11) for i in range(110)])
    jagged = shapely.segmentize(grid, 0.0067)
    borders = {f"0182-{number:03}": shape for number, shape in enumerate(jagged)}
    many = tuple(
        beside(replace(unsafe.total, key=key, label=f"Delområdet {key}"), VERDICTS[at % 3], unsafe.direction)
        for at, key in enumerate(borders)
    )
    found = area_map(report, replace(unsafe, areas=many), borders)
    assert found is not None
    assert len(svg(app, found).encode()) < 30_000
    assert all(shape.words for shape in found.shapes if shape.kind in ("better", "worse"))


def test_the_plane_keeps_angles_and_its_paths_meet() -> None:
    plane = project({"a": shapely.polygons(square(0)), "b": shapely.polygons(square(1))})
    west, top, east, bottom = plane.shapes["a"].bounds
    assert (east - west) / (bottom - top) == pytest.approx(0.509, abs=0.001)  # the cosine of the latitude
    assert plane.shapes["a"].intersection(plane.shapes["b"]).length == pytest.approx(bottom - top)
    assert outline(shapely.box(1, 2, 4, 6)) == "M4 2l0 4-3 0 0-4z"
    assert hatch(shapely.box(0, 0, 20, 20), True, shapely.box(-1, -1, 21, 21)) == ""


@pytest.mark.parametrize(
    ("width", "lines", "below"), [(60, ("12", "44 %"), False), (24, ("12",), True), (12, (), False)]
)
def test_a_mark_and_its_number_stay_within_a_narrow_shape(
    width: float, lines: tuple[str, ...], below: bool
) -> None:
    shape = shapely.box(0, 0, width, 60)
    words = place_words(Plane({"x": shape}, 60), {"x": ("12", "Lillängen", "44 %")}, {"x"})["x"]
    assert (words.lines, words.below) == (lines, below)
    tall = 14 if below or lines else 5
    assert tall <= words.y <= 60 - tall
    assert words.x == width / 2
