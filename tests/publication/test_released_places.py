"""Any place's released rows read as a municipality's are: the same figures, verdicts and words."""

import pytest
from released_wave import NACKA, VAXHOLM, WAVE, add_release
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.publication.embargo import SERVICE
from survey.publication.payload import build_payload
from survey.publication.places import read_area_totals, read_municipality_totals, read_place
from survey.publication.releases import NotReleased
from survey.publication.results import municipality_report, read_released
from survey.publication.standing_out import area_standing_out, groups_standing_out

pytestmark = pytest.mark.parametrize("any_settings", ["sqlite"], indirect=True)  # read the same on both


def test_every_place_tells_the_rows_its_municipality_tells(session: Session, settings: Settings) -> None:
    add_release(session, settings.output)
    nacka = municipality_report(session, WAVE, NACKA, SERVICE)
    assert build_payload(read_place(session, WAVE, "municipality", NACKA, SERVICE)) == nacka

    area_code = f"{NACKA}-01"
    area = build_payload(read_place(session, WAVE, "area", area_code, SERVICE))
    assert [one.total.now for one in area.indicators] == [one.areas[0].now for one in nacka.indicators]
    assert [one.total.change for one in area.indicators] == [one.areas[0].change for one in nacka.indicators]
    assert area.response.total.value is None  # no release tells the response of an area

    everybody = build_payload(read_place(session, WAVE, "all", "all", SERVICE))
    assert [one.total.now for one in everybody.indicators] == [
        one.region.now for one in nacka.indicators if one.region
    ]
    assert everybody.title == "Trygghet i hela regionen"

    with pytest.raises(NotReleased, match="0182-99"):
        read_place(session, WAVE, "area", f"{NACKA}-99", SERVICE)

    totals = read_municipality_totals(session, WAVE, SERVICE)
    assert [one.code for one in totals] == [NACKA, VAXHOLM]
    for one in nacka.indicators:
        assert totals[0].measures[one.id].now == one.total.now
        assert totals[0].measures[one.id].change == one.total.change
    (first, _) = read_area_totals(read_released(session, WAVE, NACKA, SERVICE))
    assert [first.measures[one.id].now for one in nacka.indicators] == [
        one.areas[0].now for one in nacka.indicators
    ]


def test_only_a_certain_verdict_makes_an_area_or_a_group_stand_out(
    session: Session, settings: Settings
) -> None:
    add_release(session, settings.output)
    nacka = municipality_report(session, WAVE, NACKA, SERVICE)
    by_id = {one.id: one for one in nacka.indicators}

    area = area_standing_out(nacka, f"{NACKA}-01")
    assert area is not None
    assert {one.indicator for one in area.higher} == {
        one.id for one in nacka.indicators if one.areas[0].standing.verdict == "above"
    }
    assert area_standing_out(nacka, f"{NACKA}-99") is None

    told = {(one.indicator, one.group): " ".join(one.findings) for one in groups_standing_out(nacka)}
    groups = [(one.id, group) for one in nacka.indicators for group in (*one.genders, *one.ages)]
    assert told
    for indicator, group in groups:
        words = told.get((indicator, group.label), "")
        assert ("säkert högre" in words) is (group.standing.verdict == "above")
        assert ("har ökat" in words) is (group.change.verdict == "up")
        assert ("har minskat" in words) is (group.change.verdict == "down")
    assert next(iter(told))[1] == by_id[next(iter(told))[0]].genders[0].label  # women are told of first
