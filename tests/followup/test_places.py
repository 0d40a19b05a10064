"""Levels of geography: many-to-many, dated, and what is told when a place is unknown."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.followup.places import (
    LEVEL_WORDS,
    Level,
    Place,
    around,
    children,
    municipalities,
    parents,
    place,
    places,
)

BEFORE, AFTER = date(2025, 6, 1), date(2026, 6, 1)


def codes(found: list[Place]) -> list[str]:
    return [one.code for one in found]


def test_levels_are_many_to_many_and_hold_for_their_time(anywhere: Session) -> None:
    nacka = place(anywhere, Level.MUNICIPALITY, "0182", BEFORE)
    assert codes(parents(anywhere, nacka, BEFORE)) == ["L1", "L2", "5301", "5300", "SE"]
    assert [one.level for one in parents(anywhere, nacka, BEFORE)][:3] == [
        Level.DISTRICT,
        Level.DISTRICT,
        Level.POLICE_AREA,
    ]
    assert codes(children(anywhere, nacka, BEFORE)) == ["0182-01", "0182-02"]
    shared = place(anywhere, Level.DISTRICT, "L1", BEFORE)
    assert (
        codes(children(anywhere, shared, BEFORE))
        == municipalities(anywhere, shared, BEFORE)
        == ["0182", "0187"]
    )
    assert codes(parents(anywhere, shared, BEFORE)) == ["5301", "5300", "SE"]
    area = place(anywhere, Level.POLICE_AREA, "5301", BEFORE)
    assert codes(children(anywhere, area, BEFORE)) == ["L1", "L2"]
    assert codes(children(anywhere, area, AFTER)) == ["L1"]  # L2 belonged to it until the end of 2025


def test_an_area_lies_in_the_district_it_is_said_to_lie_in(levels: Session) -> None:
    said, unsaid, only = (
        place(levels, Level.AREA, code, BEFORE) for code in ("0182-02", "0182-01", "0187-01")
    )
    assert codes(parents(levels, said, BEFORE)) == ["0182", "L2", "5301", "5300", "SE"]
    # Which of its municipality's two districts it lies in, nobody has said.
    assert codes(parents(levels, unsaid, BEFORE)) == ["0182", "5300", "SE"]
    assert codes(parents(levels, only, BEFORE)) == ["0187", "L1", "5301", "5300", "SE"]


def test_a_region_is_known_by_file_or_by_the_name_its_municipalities_give(levels: Session) -> None:
    regions = {one.code: one.name for one in places(levels, Level.REGION, BEFORE)}
    assert regions == {"5300": "Stockholm", "Syd": "Syd"}
    stockholm, syd = (place(levels, Level.REGION, code, BEFORE) for code in ("5300", "Syd"))
    # Stockholm lies in no district: it names its region.
    assert municipalities(levels, stockholm, BEFORE) == ["0180", "0182", "0187"]
    assert codes(children(levels, stockholm, BEFORE)) == ["5301"]
    assert codes(children(levels, syd, BEFORE)) == municipalities(levels, syd, BEFORE) == ["0880"]
    assert codes(children(levels, Place(Level.NATION, "SE", "Sverige"), BEFORE)) == ["5300", "Syd"]
    kalmar = place(levels, Level.MUNICIPALITY, "0880", BEFORE)
    assert codes(parents(levels, kalmar, BEFORE)) == ["Syd", "SE"]


def test_what_lies_around_a_place_is_inside_it_or_holds_it(levels: Session) -> None:
    vaxholm = place(levels, Level.MUNICIPALITY, "0187", BEFORE)
    assert {code for _, code in around(levels, vaxholm, BEFORE)} == {
        *("0187", "0187-01", "L1", "5301", "5300", "SE")
    }
    district = place(levels, Level.DISTRICT, "L1", BEFORE)
    assert (Level.AREA, "0187-01") in around(levels, district, BEFORE)
    assert (Level.DISTRICT, "L2") not in around(levels, district, BEFORE)


def test_an_unknown_place_is_told_by_its_code_and_level(levels: Session) -> None:
    for level in Level:
        with pytest.raises(UserError, match=f"nowhere.*{LEVEL_WORDS[level]}"):
            place(levels, level, "\x00 nowhere", BEFORE)
