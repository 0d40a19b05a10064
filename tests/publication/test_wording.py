"""Words follow the verdict, numbers follow Swedish practice."""

import re
from dataclasses import replace
from datetime import date

import golden
import pytest
from golden_reports import Golden, golden_case

from survey.publication import numbers, summary, wording
from survey.publication.content import ChangeFigure, Figure, GroupFigures, IndicatorResult
from survey.publication.drawings import charts
from survey.publication.payload import build_payload
from survey.questionnaire import indicators as library

EVENING = next(entry for entry in library.indicators() if entry.id == "unsafe_evening")
NOW = Figure("32 %", "28–36", "500", 32, 28, 36)
BEFORE = Figure("37 %", "33–41", "510", 37, 33, 41)
CAUSE_WORDS = ("tack vare", "beror på", "på grund av", "orsak", "därför att", "leder till", "effekt av")
CHANGE_WORDS = re.compile(r"\b(ökat|minskat|oförändrad|oförändrade|ökning|minskning)\b")


def group(verdict: str, change: float | None = -0.05) -> GroupFigures:
    points = None if change is None else numbers.points(change)
    limits = (-9.0, 3.0) if verdict == "too_uncertain" else (points, points)
    figure = ChangeFigure(verdict, "", "", "", points, *limits, detectable="6 procentenheter")
    return GroupFigures("all", "Alla", NOW, BEFORE, figure)


def sentence(verdict: str, earlier: str = "2018", current: str = "2019") -> str:
    return wording.change_sentence(EVENING, group(verdict), golden.wave(current), golden.wave(earlier))


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("up", {"ökat"}),
        ("down", {"minskat"}),
        ("unchanged", {"oförändrad"}),
        ("too_uncertain", set()),
        ("not_comparable", set()),
        ("", set()),
    ],
)
def test_the_verdict_alone_chooses_the_word_of_change(verdict: str, words: set[str]) -> None:
    assert set(CHANGE_WORDS.findall(sentence(verdict))) == words


@pytest.mark.parametrize("verdict", ["up", "down", "unchanged", "too_uncertain", "not_comparable", ""])
def test_every_sentence_about_a_change_names_both_waves(verdict: str) -> None:
    assert "september 2018" in sentence(verdict)
    assert "september 2019" in sentence(verdict)


def test_what_cannot_be_known_is_said_with_the_change_that_could_have_been_seen() -> None:
    assert sentence("too_uncertain") == (
        "Om andelen som känner sig otrygga ute sent på kvällen har ändrats mellan september 2018 och "
        "september 2019 går inte att säga. En förändring måste vara minst omkring 6 procentenheter för "
        "att oftast synas."
    )
    clear = group("too_uncertain")
    clear = replace(clear, change=replace(clear.change, lower=-9.0, upper=-1.0))
    told = wording.change_sentence(EVENING, clear, golden.wave("2019"), golden.wave("2018"))
    assert "går inte att säga. Intervallet ligger på ena sidan om noll, men det räcker inte:" in told


def test_a_certain_change_says_its_size_its_interval_and_both_levels() -> None:
    change = ChangeFigure("down", "better", "▼", "−5", -5.0, -8.0, -2.0)
    certain = GroupFigures("all", "Alla", NOW, BEFORE, change)
    assert wording.change_sentence(EVENING, certain, golden.wave("2019"), golden.wave("2018")) == (
        "Sedan året innan har andelen som känner sig otrygga ute sent på kvällen minskat med "
        "5\u00a0procentenheter (2–8): från 37\u00a0procent i september 2018 till 32\u00a0procent i "
        "september 2019."
    )


def test_a_change_over_several_years_is_not_called_yearly() -> None:
    assert sentence("down", "2019", "2022").startswith("Sedan september 2019 har")


@pytest.mark.parametrize(
    ("start", "before", "yearly"),
    [
        (date(2019, 9, 3), date(2018, 9, 3), True),
        (date(2019, 6, 3), date(2018, 9, 3), True),
        (date(2019, 6, 2), date(2018, 9, 3), False),
        (date(2019, 12, 3), date(2018, 9, 3), True),
        (date(2019, 12, 4), date(2018, 9, 3), False),
        (date(2019, 2, 28), date(2018, 5, 31), True),
        (date(2022, 9, 5), date(2019, 9, 2), False),
    ],
)
def test_waves_are_a_year_apart_when_they_start_9_to_15_months_apart(
    start: date, before: date, yearly: bool
) -> None:
    assert wording.is_yearly(start, before) is yearly


def test_no_sentence_says_why(case: Golden) -> None:
    report = case.report
    texts = [*report.summary.sentences, report.response.sentence]
    texts += [text for topic in report.topics for text in (topic.heading, *topic.findings)]
    texts += [
        text for result in report.indicators for text in (result.level_sentence, result.change_sentence)
    ]
    for text in texts:
        assert not any(word in text.lower() for word in CAUSE_WORDS), text


def test_words_of_change_are_only_used_of_certain_or_unchanged_totals(case: Golden) -> None:
    for result in case.report.indicators:
        found = set(CHANGE_WORDS.findall(result.change_sentence))
        allowed = {"up": {"ökat"}, "down": {"minskat"}, "unchanged": {"oförändrad"}}
        assert found == allowed.get(result.total.change.verdict, set())


def test_when_nothing_is_certain_the_first_sentence_is_about_the_problems_and_the_last_about_doubt() -> None:
    report = golden_case("uncertain").report
    assert report.summary.sentences[0].startswith("På Gotland tycker")
    assert "går det inte att säga" in report.summary.sentences[-1]
    assert "för att oftast synas" in report.summary.sentences[-1]
    assert not report.summary.better
    assert not report.summary.worse


def test_there_are_at_most_three_sentences_that_matter(case: Golden) -> None:
    assert 1 < len(case.report.summary.sentences) <= 3


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (12345.4, 0, "12\u00a0345"),
        (0.5, 0, "1"),
        (-0.5, 1, "−0,5"),
        (0.805, 2, "0,81"),
        (1000, 0, "1\u00a0000"),
    ],
)
def test_numbers_have_decimal_comma_and_no_break_spaces(value: float, decimals: int, text: str) -> None:
    assert numbers.number(value, decimals) == text


@pytest.mark.parametrize(
    ("change", "points", "text"),
    [(0.044, 4.0, "+4"), (-0.0351, -4.0, "−4"), (0.004, 0.4, "+0,4"), (-0.0096, -1.0, "−1"), (0.0, 0.0, "0")],
)
def test_changes_are_whole_points_but_small_ones_keep_a_decimal(
    change: float, points: float, text: str
) -> None:
    assert numbers.points(change) == points
    assert numbers.signed(numbers.points(change)) == text


@pytest.mark.parametrize(
    ("share", "percent"), [(0.285, 29), (0.005, 1), (0.0049, 0), (1.0, 100), (0.125, 13)]
)
def test_shares_round_half_up_as_people_do(share: float, percent: int) -> None:
    assert numbers.whole_percent(share) == percent


def test_islands_are_spoken_of_as_islands() -> None:
    assert wording.place("Gotland") == "på Gotland"
    assert wording.place("Nacka") == "i Nacka"


@pytest.mark.parametrize(
    ("verdicts", "heading"),
    [
        ([], "Inga säkerställda förändringar"),
        (["up"], "Mått 0: andelen har ökat"),
        (["up", "up"], "Två andelar har ökat"),
        (["up", "down", "down"], "En andel har ökat, två har minskat"),
    ],
)
def test_headings_say_what_is_certain_in_ten_words(verdicts: list[str], heading: str) -> None:
    certain = [(f"Mått {number}", group(verdict).change) for number, verdict in enumerate(verdicts)]
    doubtful = ChangeFigure("too_uncertain", "", "", "osäkert", 1.0, -3.0, 5.0)
    found = wording.changes_heading([*certain, ("Annat", doubtful)])
    assert found == heading
    assert len(found.split()) <= 10


def ranked(*spans: tuple[int, int]) -> list[IndicatorResult]:
    """Problems, the largest first, with these intervals."""
    results = golden_case("typical").report.topics[0].indicators
    return [
        replace(
            result,
            total=replace(
                result.total,
                now=Figure("", f"{low}–{high}", "500", (low + high) // 2, low, high),
            ),
        )
        for result, (low, high) in zip(results, spans, strict=False)
    ]


@pytest.mark.parametrize(
    ("spans", "words", "title"),
    [
        (
            [(50, 60), (30, 40), (20, 30)],
            "en högre andel än för något av de andra 2 problem",
            "Högst andel: ",
        ),
        ([(50, 60), (30, 40)], "en högre andel än för det andra problem som visas", "Högst andel: "),
        ([(50, 60), (40, 50), (20, 30)], "störst går inte att säga", " eller "),
        ([(50, 60), (40, 48), (20, 58)], "störst går inte att säga", " eller "),
        ([(50, 60), (45, 55), (44, 54), (40, 50)], "3 andra, bland dem", "inte säker"),
        ([(50, 60)], "Inget annat problem kan visas.", "Högst andel: "),
    ],
)
def test_the_largest_problem_is_called_so_only_when_no_interval_reaches_its_own(
    spans: list[tuple[int, int]], words: str, title: str
) -> None:
    shown = ranked(*spans)
    topic = replace(golden_case("typical").report.topics[0], indicators=tuple(shown))
    assert words in summary.order_sentence(shown)
    assert title in charts.profile_chart(golden_case("typical").report, topic).title
    assert len(summary.contenders(shown)) == sum(high >= spans[0][0] for _, high in spans[1:])


def test_no_report_calls_a_share_highest_when_intervals_overlap(case: Golden) -> None:
    problems = [result for result in case.report.topics[0].indicators if result.total.now.shown]
    ordered = sorted(problems, key=lambda result: -(result.total.now.value or 0))
    told = " ".join(case.report.summary.sentences)
    if len(ordered) < 2 or summary.contenders(ordered):
        assert "högsta andelen" not in told
        assert "högre andel än" not in told


@pytest.mark.parametrize(
    ("verdicts", "text"),
    [
        (
            ["up", "unchanged", "too_uncertain"],
            "är 1 statistiskt säkerställt förändrat, 1 är oförändrat och för 1",
        ),
        (["up", "down"], "Av 2 mått som jämförs i X mellan A och B är 2 statistiskt säkerställt förändrade."),
        (["too_uncertain"], "För det enda mått som jämförs"),
        (["", "not_comparable"], "Inga förändringar i X mellan A och B kan visas."),
    ],
)
def test_the_count_of_changes_says_what_each_verdict_allows(verdicts: list[str], text: str) -> None:
    changes = [group(verdict).change for verdict in verdicts]
    assert text in wording.verdict_counts(changes, ("A", "B"), "i X")


def test_that_no_total_has_changed_is_said_of_the_whole_beside_what_has_changed_in_its_parts() -> None:
    released = golden.CASES["uncertain"]()
    assert not build_payload(released).changed_parts
    rows = {("0182-02", "all"): -0.137, ("0182-03", "woman"): 0.183, ("0182", "man"): 0.1}
    report = build_payload(golden.changed_in(released, rows))
    assert report.summary.counts.startswith("Ingen förändring i kommunen som helhet mellan september 2019")
    assert (
        "Säkert förändrat i delområden eller grupper, i procentenheter: "
        "Område 2: otrygg ute sent på kvällen ▼\u00a0−14; "
        "Män: otrygg ute sent på kvällen ▲\u00a0+10; "
        "Område 3, kvinnor: otrygg ute sent på kvällen ▲\u00a0+18."
    ) in report.summary.sentences[-1]
    assert report.topics[1].heading == "Inga säkerställda förändringar i kommunen som helhet"


def test_hidden_changes_are_not_called_absent() -> None:
    hidden = ChangeFigure("", "", "", "..", None, None, None)
    assert wording.changes_heading([("Annat", hidden)]) == "Förändringarna kan inte visas"


def test_groups_that_share_the_lowest_response_rate_are_all_named() -> None:
    table = golden.response_rates(1100, ("2019",))
    both = table["legal_gender"].ne("all") & table["age_group"].ne("all")
    table.loc[both, ["sampled", "responded"]] = (100, 60)
    table.loc[both & table["age_group"].eq("16-29"), "responded"] = 30
    released = replace(golden.release(areas=0, judge=None), response_rates=table)
    sentence = build_payload(released).response.sentence
    assert "Lägst var svarsfrekvensen bland kvinnor 16–29 år och män 16–29 år, 30\u00a0procent" in sentence
    table.loc[both, "responded"] = 60
    assert "Lägst" not in build_payload(replace(released, response_rates=table)).response.sentence


@pytest.mark.parametrize(
    ("verdicts", "heading"),
    [
        (
            ("up", "too_uncertain", "unchanged"),
            "För 1 av 3 mått går det inte att säga om något har ändrats i X",
        ),
        (("up", "unchanged"), "Om alla jämförda mått går det att säga något"),
        (("not_comparable", ""), "Förändringarna kan inte visas"),
    ],
)
def test_the_heading_of_the_unknown_counts_the_verdicts(verdicts: tuple[str, ...], heading: str) -> None:
    changes = [ChangeFigure(verdict, "", "", "", None, None, None) for verdict in verdicts]
    assert wording.unknown_heading(changes, "i X") == heading


def test_a_group_of_another_gender_is_never_told_as_everybody():
    assert wording.group("all", "all") == "Alla"
    assert wording.group("woman", "16-29") == "Kvinnor, 16–29 år"
    told = [wording.group(gender, "all") for gender in ("woman", "man", "other", "undisclosed")]
    assert "Alla" not in told
    assert len({*told}) == 4
