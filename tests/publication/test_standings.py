"""Higher or lower than the region, or than the own municipality: by the released verdict and nothing else."""

from dataclasses import replace

import golden
import pandas as pd
import pytest
from golden_reports import Golden, golden_case
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT, store_release

from survey.models.requested_table import RequestedFigure, RequestedTable
from survey.publication import standing_out
from survey.publication.content import HIDDEN, GroupFigures, IndicatorResult, MunicipalityReport
from survey.publication.drawings.area_matrix import areas_apart, draw_matrix
from survey.publication.payload import build_payload
from survey.publication.released_margins import released_marks
from survey.publication.report.layout import MATRIX_AREAS, matrix_parts
from survey.publication.report.rendering import compose
from survey.publication.requested_tables import Words

GOOD = {"up": "above", "down": "below"}
WORDS = {"above": "högre", "below": "lägre", "no_certain_difference": "ingen säker skillnad"}


def compared_groups(result: IndicatorResult) -> list[GroupFigures]:
    return [result.total, *result.genders, *result.ages, *result.areas]


def row_key(result: IndicatorResult, group: GroupFigures, place: str) -> tuple[str, ...]:
    gender = group.key if group.key in ("woman", "man") else "all"
    age = group.key if group in result.ages else "all"
    geography, code = ("area", group.key) if group in result.areas else ("municipality", place)
    return geography, code, gender, age, result.id


def hidden_comparison(name: str = "problem_drugs") -> MunicipalityReport:
    """A report whose municipality may not be compared on one measure."""
    released = golden.release(areas=2)
    rows = released.comparisons.copy()
    here = rows["indicator"].eq(name) & rows["geography"].eq("municipality")
    rows.loc[here, ["released", "verdict", "reason"]] = [0, "above", "against_suppressed"]
    return build_payload(replace(released, comparisons=rows))


def test_every_word_beside_a_figure_is_the_verdict_of_its_released_row(case: Golden) -> None:
    names = ["geography", "code", "gender", "age_group", "indicator"]
    rows = case.released.comparisons.set_index(names)
    for result in case.report.indicators:
        for group in compared_groups(result):
            row = rows.loc[row_key(result, group, case.released.place.code)]
            if not row["released"]:
                assert (group.standing.verdict, group.standing.tone) == ("", "")
                assert (group.standing.text, bool(group.standing.note)) == (HIDDEN, True)
                continue
            assert (group.standing.verdict, group.standing.text) == (row["verdict"], WORDS[row["verdict"]])
            expected = "" if not group.standing.certain else "worse"
            expected = "better" if row["verdict"] == GOOD[result.direction] else expected
            assert group.standing.tone == expected


def test_a_hidden_comparison_leaves_no_trace_of_its_verdict() -> None:
    report = hidden_comparison()
    drugs = next(result for result in report.indicators if result.id == "problem_drugs")
    assert (drugs.total.standing.verdict, drugs.total.standing.text) == ("", HIDDEN)
    assert drugs.total.standing.note == "det tal som det jämförs med visas inte"
    told = [report.topics[0].beside, *report.summary.beside_better, *report.summary.beside_worse]
    assert not any("arkotika utomhus" in text for text in told)


def test_changes_beside_changes_and_other_kinds_are_not_taken_for_levels_beside_the_region() -> None:
    released = golden.release(areas=2)
    rows = released.comparisons
    turned = rows.assign(verdict="above", released=1)
    others = [turned.assign(previous_wave="2018"), turned.assign(against_geography="local")]
    mixed = pd.concat([rows, *others], ignore_index=True)
    assert build_payload(replace(released, comparisons=mixed)) == build_payload(released)


def test_a_release_without_comparisons_compares_nothing_and_says_so() -> None:
    released = golden.release(areas=2)
    report = build_payload(replace(released, comparisons=released.comparisons.head(0)))
    assert not report.compared
    assert not report.areas_compared
    text = compose(report)
    assert "skillnaden mot kommunen är inte prövad" in text
    assert "Delområdena är inte prövade mot varandra eller mot kommunen." in text
    assert "säker skillnad" not in text
    assert "Mot\nregionen" not in text


def test_the_lists_of_the_summary_hold_each_measure_once_under_its_verdict(case: Golden) -> None:
    results, summary = case.report.indicators, case.report.summary
    verdicts = [result.total.change.verdict for result in results]
    assert len(summary.better) + len(summary.worse) == sum(one in ("up", "down") for one in verdicts)
    assert len(summary.unchanged) == verdicts.count("unchanged")
    assert len(summary.unknown) == verdicts.count("too_uncertain")
    for result in results:
        listed = any(entry.startswith(f"{result.label} (") for entry in summary.unknown)
        assert listed == (result.total.change.verdict == "too_uncertain") or "(av alla)" in result.label
    hidden = [result.label for result in results if not result.total.now.shown]
    assert all(label.lower() in " ".join(summary.not_shown).lower() for label in hidden)
    assert bool(hidden) == bool(summary.not_shown)
    tones = [result.total.standing.tone for result in results]
    most = standing_out.MOST_ENTRIES
    assert len(summary.beside_better[:most]) == min(tones.count("better"), most)
    assert len(summary.beside_worse[:most]) == min(tones.count("worse"), most)


def test_when_nothing_is_certain_no_list_claims_anything() -> None:
    summary = golden_case("nothing").report.summary
    assert not summary.certain
    assert (summary.better, summary.worse, summary.beside_better, summary.beside_worse) == ((), (), (), ())
    assert summary.areas_worse == ()
    assert summary.beside == "Inget av 34 mått skiljer sig säkert från hela regionen."
    assert summary.areas == "I inget av 8 delområden skiljer sig något mått säkert från Ekerö som helhet."
    text = golden_case("nothing").pages[1]
    assert "Inget delområde skiljer sig" not in golden_case("nothing").text  # no matrix without a mark
    assert text.index("Problem i området: ordningen") < text.index("Jämfört med hela regionen")


def test_a_matrix_marks_only_certain_differences_and_its_table_names_the_same(case: Golden) -> None:
    report = case.report
    parts = matrix_parts(report)
    areas = len(report.indicators[0].areas)
    assert sum(len(range(areas)[part]) for part in parts) == areas
    assert all(len(range(areas)[part]) <= MATRIX_AREAS for part in parts)
    drawn = [draw_matrix(report, part) for part in parts]
    tones = [area.standing.tone for result in report.indicators for area in result.areas]
    for tone in ("better", "worse"):
        keys = len(drawn)  # each explains its marks
        assert sum(mark.kind == tone for one in drawn for mark in one.marks) - keys == tones.count(tone)
    told = areas_apart(report)
    assert sum(f"{row.better}{row.worse}".count("(") for row in told) >= len(tones) - tones.count("")
    unmarked = [
        at for at in range(areas) if not any(result.areas[at].standing.tone for result in report.indicators)
    ]
    for at in unmarked[: areas > 1]:  # a page of some areas says nothing of the others
        title = draw_matrix(report, slice(at, at + 1)).title
        assert title.startswith("Inget av delområdena här")
    for one in drawn:
        assert 0 < len(one.alt) <= 300
        assert all(0 <= mark.x <= one.width and 0 <= mark.y <= one.height for mark in one.marks)
        assert all(label.y <= one.height for label in (*one.columns, *one.rows, *one.keys))


@pytest.mark.parametrize("any_settings", ["sqlite"], indirect=True)
def test_a_table_on_request_marks_what_the_release_compares_as_the_release_does(session: Session) -> None:
    """However small p is in the table: its corrections and the release's are of two families."""
    made = golden.release(areas=2)
    rows = made.comparisons.copy()
    rows.loc[rows["code"].eq("0182"), "verdict"] = "no_certain_difference"
    rows.loc[rows["code"].eq("0182") & rows["gender"].eq("woman"), "verdict"] = "above"
    rows.loc[rows["code"].eq("0182-01"), "verdict"] = "below"
    rows["released"] = 1
    release_id = store_release(session, replace(made, comparisons=rows), released_at=RELEASED_AT)

    def marks(divided_by: str, limited_to: str, *rows: tuple[str, str]) -> dict[int, bool]:
        table = RequestedTable(
            wave_code="2019", release_id=release_id, item="unsafe_evening", divided_by=divided_by
        )
        table.limited_to = limited_to
        figures = [
            RequestedFigure(id=at, category=one, other_category=other, statistic="proportion", p=1e-9)
            for at, (one, other) in enumerate(rows)
        ]
        words = Words({name: name for name in divided_by.split()}, {}, {})
        return released_marks(session, table, words, figures)

    by_answer = (("0182", "all"), ("0182", "1"), ("all", "1"), ("all", "all"), ("0114", "all"))
    assert marks("municipality worry_violence", "", *by_answer) == {0: False}
    assert marks("municipality", "gender=woman", ("0182", "")) == {0: True}
    assert marks("area", "municipality=0182", ("0182-01", "")) == {0: True}
    assert (
        marks("area", "", ("0182-01", "")) == {}
    )  # beside all others of the region: no such row is released
    assert marks("municipality", "housing=flat", ("0182", "")) == {}
    assert marks("municipality", "age_group=16-29|30-44", ("0182", "")) == {}
