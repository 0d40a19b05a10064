"""Higher and lower are said by the verdict of a released comparison alone."""

from dataclasses import replace

import golden
import pytest
from compared import CERTAIN, comparisons

from survey.publication.content import MunicipalityReport
from survey.publication.pages.overview import build_overview
from survey.publication.payload import build_payload
from survey.publication.released import Released
from survey.publication.report.rendering import JOINER, compose
from survey.publication.standing_out import (
    areas_standing_out,
    beside_kind,
    beside_region,
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
    region, kind = stand_out(report)
    by_id = {result.id: result for result in report.indicators}
    assert {one.indicator: one.standing.verdict for one in (*region.higher, *region.lower)} == CERTAIN
    for one in (*region.higher, *region.lower):
        result = by_id[one.indicator]
        assert result.region is not None
        assert (one.own, one.other) == (result.total.now, result.region.now)
        good = (one.standing.verdict == "above") == (result.direction == "up")
        assert one.standing.tone == ("better" if good else "worse")
    count = len(report.indicators)
    assert region.counts == f"Av {count} mått skiljer sig 3 säkert från hela regionen."
    assert region.counts == report.summary.beside  # page and report say the same
    assert (kind.higher, kind.lower) == ((), ())
    assert kind.note == "Av samma slag: A2 enligt SKR:s indelning."
    assert kind.counts == f"Inget av {count} mått skiljer sig säkert från andra kommuner av samma slag."


def test_the_report_tells_what_differs_from_others_of_the_same_kind_and_says_which_kind(
    released: Released, report: MunicipalityReport
) -> None:
    table = released.comparisons
    of_kind = table["against_geography"].eq("skr_group")
    told = {"police_trust": "above", "problem_drugs": "above", "unsafe_daytime": "below"}
    for indicator, verdict in told.items():
        table = table.assign(
            verdict=table["verdict"].mask(of_kind & table["indicator"].eq(indicator), verdict)
        )
    differing = build_payload(replace(released, comparisons=table))
    by_id = {result.id: result for result in differing.indicators}
    entry = {id_: f"{by_id[id_].label} {by_id[id_].beside_kind.text}" for id_ in told}
    summary = differing.summary
    assert [one.total.standing for one in differing.indicators] == [
        one.total.standing for one in report.indicators
    ]
    assert summary.kind == f"Av {len(by_id)} mått skiljer sig 3 säkert från andra kommuner av samma slag."
    assert [line.partition(":")[0] for line in summary.kind_better] == [
        entry[id_] for id_ in by_id if id_ in ("police_trust", "unsafe_daytime")
    ]
    assert [line.partition(":")[0] for line in summary.kind_worse] == [entry["problem_drugs"]]
    page = compose(differing).replace(JOINER, "")
    assert "Av samma slag: A2 enligt SKR:s indelning." in page
    assert all(line in page for line in (*summary.kind_better, *summary.kind_worse))
    assert "Säkert högre än i andra kommuner av samma slag: narkotika utomhus." in page
    alone = build_payload(replace(released, comparisons=table[~of_kind]))
    assert (alone.kind, alone.summary.kind) == ("", "")
    assert "SKR" not in compose(alone)
    assert report.summary.kind.startswith("Inget av ")


def test_areas_are_told_in_the_order_of_the_survey_and_only_where_certain(
    released: Released, report: MunicipalityReport
) -> None:
    table = released.comparisons
    told = areas_standing_out(report)
    sure = table[table["geography"].eq("area") & table["verdict"].isin(["above", "below"])]
    names = [name for code, name in released.place.areas.items() if code in set(sure["code"])]
    assert [area.label for area in told] == names
    assert sum(len(area.higher) + len(area.lower) for area in told) == len(sure) > 0
    for area in told:
        code = next(code for code, name in released.place.areas.items() if name == area.label)
        for one in (*area.higher, *area.lower):
            row = sure[sure["code"].eq(code) & sure["indicator"].eq(one.indicator)]
            assert row["verdict"].tolist() == [one.standing.verdict]


def test_a_comparison_that_may_not_be_shown_says_nothing(released: Released) -> None:
    hidden = replace(released, comparisons=released.comparisons.assign(released=0))
    report = build_payload(hidden)
    assert not any(beside_region(result).sentence for result in report.indicators)
    assert not any(one.higher or one.lower for one in stand_out(report))
    assert areas_standing_out(report) == ()
    assert change_words(hidden, report.indicators[0]) == ""


def test_a_change_beside_the_regions_is_not_taken_for_a_level(
    released: Released, report: MunicipalityReport
) -> None:
    table = released.comparisons.copy()
    table.loc[table["previous_wave"].ne(""), "verdict"] = "below"
    evening = next(result for result in report.indicators if result.id == "unsafe_evening")
    fallen = replace(released, comparisons=table)
    assert change_words(fallen, evening) == "Andelen har säkert utvecklats mer nedåt än i hela regionen."
    assert "går inte att säga" in change_words(released, evening)
    levels = {one.id: one.total.standing.verdict for one in build_payload(fallen).indicators}
    assert levels["unsafe_evening"] == CERTAIN["unsafe_evening"]


def test_the_sentence_names_the_regions_figure_and_none_for_the_kind(
    released: Released, report: MunicipalityReport
) -> None:
    evening = next(result for result in report.indicators if result.id == "unsafe_evening")
    assert evening.region is not None
    there = evening.region.now
    assert beside_region(evening).sentence == (
        f"Andelen är säkert högre än i hela regionen, där den är {there.value}\xa0procent ({there.interval})."
    )
    assert beside_kind(evening).sentence == ("Mot andra kommuner av samma slag finns ingen säker skillnad.")


def test_without_comparisons_nothing_stands_out(released: Released) -> None:
    bare = build_overview(replace(released, comparisons=released.comparisons[:0], participants=("Nacka",)))
    assert (bare.standing_out, bare.areas) == ((), ())
    assert bare.alone
    assert not bare.report.areas_compared
