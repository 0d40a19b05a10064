"""Borders for maps: a hostile or mistaken file is refused with every fault named, and nothing is stored."""

from datetime import date

import invited_wave
import pytest
import shapely
from drawn_borders import SIDE, SOUTH, WEST, by_code, collection, feature, square
from invited_wave import BY, OTHER, OWN, WAVE
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.border import AreaBorder, MunicipalityBorder, ProposedBorder
from survey.preparation import border_files, borders, own_borders, proposed_borders, recuts
from survey.preparation.border_files import BorderFaults, read_features

DAY = date(2026, 11, 1)
FIRST, SECOND = f"{OWN}-01", f"{OWN}-02"
TWO = {FIRST: square(0), SECOND: square(1)}
LISTING = "Vaxön;0187A0010 0187A0020\nResarö;0187B0010\n"
BOW = [[18.3, 59.4], [18.34, 59.44], [18.34, 59.4], [18.3, 59.44], [18.3, 59.4]]
METRES = [[674032, 6580822], [675032, 6580822], [675032, 6581822], [674032, 6580822]]
SWAPPED = [[y, x] for x, y in square(0)]
ELSEWHERE = [[x - 20, y] for x, y in square(0)]


@pytest.fixture
def planned(quick: Session) -> Session:
    invited_wave.plan_wave(quick)
    invited_wave.accept(quick)
    return quick


def stored(session: Session) -> tuple[int, int, int]:
    a, b, c = (
        session.scalar(select(func.count()).select_from(table)) or 0
        for table in (AreaBorder, MunicipalityBorder, ProposedBorder)
    )
    return a, b, c


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "ingen GeoJSON"),
        (b"[" * 100_000, "ingen GeoJSON"),
        (by_code(TWO).replace(b"18.3,", b"NaN,", 1), "ingen GeoJSON"),
        (by_code(TWO).replace(b"18.3,", b"1e999,", 1), "ingen GeoJSON"),
        (b'{"type": "FeatureCollection", "features": []}', "har 0 områden"),
        (b'{"type": "FeatureCollection", "features": {}}', "FeatureCollection"),
        (b"[1, 2]", "FeatureCollection"),
        (collection(*[7] * 2001), "har 2001 områden"),
        (
            collection(feature({"kod": "x"}, square(0)), crs={"properties": {"name": "EPSG::3006"}}),
            "EPSG::3006",
        ),
        (by_code({"x": METRES}), "SWEREF 99 TM"),
        (by_code({"x": SWAPPED}), "bytt plats"),
        (by_code({"x": ELSEWHERE}), "utanför Sverige"),
        (b" " * (border_files.LARGEST_UPLOAD + 1), "större än 5 MB"),
    ],
)
def test_a_file_that_is_no_map_of_sweden_is_refused_by_what_is_wrong(content: bytes, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_features(content, border_files.LARGEST_UPLOAD)


def test_every_border_that_cannot_be_drawn_is_named_at_once() -> None:
    rings = [square(0)[:3], [["a", "b"]] * 4, [[1, 2], [3]], [[18.3, 59.4, 1, 2, 3]] * 4, {"x": 1}, None, 7]
    bad = [feature({"namn": f"Ö {number}"}, ring) for number, ring in enumerate(rings)]
    point = feature({"namn": "Punkten"}, square(0), "Point")
    with pytest.raises(BorderFaults) as told:
        read_features(collection(*bad, point, "text", feature({}, square(1))))
    faults = list(told.value.by_field.values())
    assert [fault.split(":")[0] for fault in faults] == [
        *(f"Ö {n}" for n in range(7)),
        "Punkten",
        "Område 9 i filen",
    ]
    assert "är ingen yta" in faults[7]


def test_borders_beside_each_other_are_stored_and_stay_joined(planned: Session) -> None:
    wavy = [[WEST + SIDE, SOUTH + SIDE * step / 200] for step in range(201)]
    left = [[WEST, SOUTH], *wavy, [WEST, SOUTH + SIDE], [WEST, SOUTH]]
    right = [*reversed(wavy), [WEST + 2 * SIDE, SOUTH], [WEST + 2 * SIDE, SOUTH + SIDE], wavy[-1]]
    assert borders.load_area_borders(planned, by_code({FIRST: left, SECOND: right}), DAY, BY) == 2
    first, second = borders.area_borders(planned, [FIRST, SECOND]).values()
    assert shapely.coverage_is_valid([first, second])
    assert first.intersection(second).length == pytest.approx(SIDE)
    assert shapely.get_num_coordinates([first, second]).sum() < 20
    assert stored(planned) == (2, 0, 0)


CROSSING = {FIRST: BOW, SECOND: square(5)}
OVERLAPPING = {FIRST: square(0, side=SIDE * 1.5), SECOND: square(1)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (by_code({FIRST: square(0)}), ["Område 2 (0187-02) saknar gräns"]),
        (
            by_code({**TWO, "0187-77": square(3), f"{OTHER}-01": square(4)}),
            ["0187-77: är inget", "0186-01: är inget"],
        ),
        (
            collection(*(feature({"kod": code}, square(0)) for code in (FIRST, FIRST, SECOND))),
            ["mer än en gång"],
        ),
        (by_code(CROSSING), ["Område 1 (0187-01): gränsen korsar", "longitud 18.3200, latitud 59.4200"]),
        (by_code(OVERLAPPING), ["Område 1 (0187-01) och Område 2 (0187-02) överlappar varandra (50 procent"]),
        (
            by_code({FIRST: square(0), SECOND: square(9)}),
            ["Område 2 (0187-02) ligger till 100 procent utanför"],
        ),
    ],
)
def test_borders_that_do_not_fit_are_named_and_none_is_stored(
    planned: Session, content: bytes, said: list[str]
) -> None:
    own = [
        [WEST, SOUTH],
        [WEST + 2 * SIDE, SOUTH],
        [WEST + 2 * SIDE, SOUTH + SIDE],
        [WEST, SOUTH + SIDE],
        [WEST, SOUTH],
    ]
    borders.load_municipality_borders(planned, by_code({OWN: own}), date(2020, 1, 1), BY)
    with pytest.raises(BorderFaults) as told:
        borders.load_area_borders(planned, content, DAY, BY)
    assert all(part in str(told.value) for part in said), str(told.value)
    with pytest.raises(BorderFaults):
        own_borders.set_borders(planned, WAVE, OWN, content, BY)
    assert stored(planned) == (0, 1, 0)


def comb(teeth: int, *, upright: bool) -> list[list[float]]:
    """A ring of many thin teeth, from the west or from the south."""
    edge = [[0.0, 0.0]]
    for tooth in range(teeth):
        at, next_at = (tooth + 0.2) / teeth, (tooth + 0.8) / teeth
        edge += [[at, 0.0], [at, 1.0], [next_at, 1.0], [next_at, 0.0]]
    ring = [*edge, [1.0, 0.0], [1.0, -0.1], [0.0, -0.1], [0.0, 0.0]]
    return [[WEST + (y if upright else x), SOUTH + (x if upright else y)] for x, y in ring]


def test_a_tangle_is_refused_before_it_is_cut_up(planned: Session) -> None:
    tangle = by_code({FIRST: comb(150, upright=False), SECOND: comb(150, upright=True)})
    with pytest.raises(BorderFaults, match="korsar varandra på fler än 20000 ställen"):
        borders.load_area_borders(planned, tangle, DAY, BY)


def test_a_municipality_has_the_border_of_the_day(planned: Session) -> None:
    numbered = collection(feature({"kommun_kod": 187}, square(0)))
    borders.load_municipality_borders(planned, numbered, borders.SINCE_THE_REFORM, BY)
    borders.load_municipality_borders(planned, by_code({OWN: square(1)}), date(2025, 1, 1), BY)
    for day, column in ((date(2024, 12, 31), 0), (date(2025, 1, 1), 1)):
        assert borders.municipality_borders(planned, day)[OWN].equals(shapely.polygons(square(column)))
    assert borders.municipality_borders(planned, date(1960, 1, 1)) == {}


def test_borders_of_a_proposal_follow_its_areas_and_end_with_it(planned: Session) -> None:
    own_borders.set_borders(planned, WAVE, OWN, by_code(TWO), BY)
    recuts.propose(planned, WAVE, OWN, LISTING, BY)
    named = collection(feature({"namn": "RESARÖ"}, square(3)), feature({"namn": "Vaxön"}, square(2)))
    own_borders.set_borders(planned, WAVE, OWN, named, BY)
    recuts.propose(planned, WAVE, OWN, LISTING, BY)
    assert list(proposed_borders.find(planned, WAVE, OWN)) == ["Resarö", "Vaxön"]
    recuts.propose(planned, WAVE, OWN, LISTING + "Öarna;0187B0020\n", BY)
    assert stored(planned) == (2, 0, 0)
    recuts.propose(planned, WAVE, OWN, LISTING, BY)
    own_borders.set_borders(planned, WAVE, OWN, named, BY)
    codes = recuts.apply(planned, WAVE, OWN, BY)
    found = borders.area_borders(planned, codes)
    assert found[codes[0]].equals(shapely.polygons(square(2)))
    assert stored(planned) == (4, 0, 0)
    # A second proposal of the same wave takes the first one's place, and its borders.
    recuts.propose(planned, WAVE, OWN, "Allt;0187A0010\n", BY)
    recuts.apply(planned, WAVE, OWN, BY)
    assert list(borders.area_borders(planned, [FIRST, SECOND, *codes])) == [FIRST, SECOND]
