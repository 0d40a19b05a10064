"""Higher and lower are said by the verdict of a released comparison alone."""

from dataclasses import replace

import golden
import pytest
from compared import CERTAIN, comparisons

from survey.publication.content import MunicipalityReport
from survey.publication.overview import build_overview
from survey.publication.payload import build_payload
from survey.publication.released import Released
from survey.publication.standing_out import (
    KIND,
    REGION,
    Comparisons,
    areas_standing_out,
    change_words,
    stand_out,
)


@pytest.fixture(scope="module")
def released() -> Released:
    made = golden.release(areas=12)
    return replace(made, comparisons=comparisons(made))


@pytest.fixture(scope="module")
def report(released: Released) -> MunicipalityReport:
    return build_payload(released)


def test_only_certain_verdicts_stand_out_each_with_its_released_figures(
    released: Released, report: MunicipalityReport
) -> None:
    region, kind = stand_out(Comparisons(released.comparisons, report), report)
    by_id = {result.id: result for result in report.indicators}
    assert {one.indicator: one.verdict for one in (*region.higher, *region.lower)} == CERTAIN
    for one in (*region.higher, *region.lower):
        result = by_id[one.indicator]
        assert one.own == result.total.now
        assert result.region is not None
        assert one.other == result.region.now
        assert one.tone == ("better" if (one.verdict == "above") == (result.direction == "up") else "worse")
    count = len(report.indicators)
    assert region.counts == (
        f"{count} mått jämförs med hela regionen: 2 är säkert högre, 1 är säkert lägre och "
        f"för {count - 3} finns ingen säker skillnad."
    )
    assert (kind.higher, kind.lower) == ((), ())
    assert kind.note == "Av samma slag: A2 enligt SKR:s indelning."
    assert kind.counts.endswith("I inget av dem finns en säker skillnad.")


def test_areas_are_told_in_the_order_of_the_survey_and_only_where_certain(
    released: Released, report: MunicipalityReport
) -> None:
    table = released.comparisons
    told = areas_standing_out(Comparisons(table, report), report)
    sure = table[table["geography"].eq("area") & table["verdict"].isin(["above", "below"])]
    names = [name for code, name in released.place.areas.items() if code in set(sure["code"])]
    assert [area.label for area in told] == names
    assert sum(len(area.higher) + len(area.lower) for area in told) == len(sure) > 0
    for area in told:
        code = next(code for code, name in released.place.areas.items() if name == area.label)
        for one in (*area.higher, *area.lower):
            row = sure[sure["code"].eq(code) & sure["indicator"].eq(one.indicator)]
            assert row["verdict"].tolist() == [one.verdict]


@pytest.mark.parametrize(
    "hidden", [{"released": 0}, {"verdict": "not_comparable"}, {"wave": "2018"}, {"statistic": "mean"}]
)
def test_a_comparison_that_may_not_be_shown_says_nothing(
    released: Released, report: MunicipalityReport, hidden: dict[str, object]
) -> None:
    found = Comparisons(released.comparisons.assign(**hidden), report)
    standing = found.standing(report.indicators[0], REGION)
    assert (standing.verdict, standing.tone, standing.sentence) == ("", "", "")
    assert standing.word == "kan inte jämföras"
    assert not any(one.higher or one.lower for one in stand_out(found, report))
    assert areas_standing_out(found, report) == ()


def test_a_change_beside_the_regions_is_not_taken_for_a_level(
    released: Released, report: MunicipalityReport
) -> None:
    table = released.comparisons.copy()
    changes = table["previous_wave"].ne("")
    table.loc[changes, "verdict"] = "below"
    found = Comparisons(table, report)
    evening = next(result for result in report.indicators if result.id == "unsafe_evening")
    assert found.standing(evening, REGION).verdict == CERTAIN["unsafe_evening"]
    assert (
        change_words(found.change(evening)) == "Andelen har säkert utvecklats mer nedåt än i hela regionen."
    )
    assert change_words("") == ""
    assert "går inte att säga" in change_words("no_certain_difference")


def test_women_men_and_ages_stand_by_their_own_rows(released: Released, report: MunicipalityReport) -> None:
    found = Comparisons(released.comparisons, report)
    evening = next(result for result in report.indicators if result.id == "unsafe_evening")
    assert [found.standing(evening, REGION, group).verdict for group in evening.genders] == ["above", "above"]
    assert [found.standing(evening, REGION, group).verdict for group in evening.ages] == [""] * 4


def test_the_sentence_names_the_regions_figure_and_none_for_the_kind(
    released: Released, report: MunicipalityReport
) -> None:
    found = Comparisons(released.comparisons, report)
    evening = next(result for result in report.indicators if result.id == "unsafe_evening")
    assert evening.region is not None
    there = evening.region.now
    assert found.standing(evening, REGION).sentence == (
        f"Andelen är säkert högre än i hela regionen, där den är {there.value}\xa0procent ({there.interval})."
    )
    assert found.standing(evening, KIND).sentence == (
        "Mot andra kommuner av samma slag finns ingen säker skillnad."
    )


def test_without_comparisons_nothing_stands_out(released: Released) -> None:
    bare = build_overview(replace(released, comparisons=released.comparisons[:0], participants=("Nacka",)))
    assert bare.standing_out == ()
    assert bare.areas == ()
    assert bare.alone
    assert not bare.areas_compared
