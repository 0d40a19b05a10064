"""The path through any questionnaire: it ends, looks only back, and only its answers leave."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from survey.questionnaire.definition import Page, Questionnaire, load, parse
from survey.questionnaire.path import (
    entries_when_resumed,
    is_passed,
    is_reachable,
    next_page,
    on_path,
    page_after,
    page_before,
    path,
    position,
    tells_earlier_answers,
    visible_questions,
)
from survey.questionnaire.validation import find_faults

CODES = ("1", "2", "3")
TRYGGHET = load("trygghet")
WITH_LOCAL = load("trygghet+skargard")
Case = tuple[dict[str, Any], Questionnaire, dict[str, str]]


@some.composite
def sources(draw: some.DrawFn) -> dict[str, Any]:
    """The source of a questionnaire with filters on pages and questions, some on filtered questions."""
    pages: list[dict[str, Any]] = []
    earlier: list[str] = []
    for number in range(draw(some.integers(1, 5))):
        names = [f"q{number}_{index}" for index in range(draw(some.integers(1, 3)))]
        questions = [
            _maybe_filtered(draw, {"id": name, "text": name, "scale": "s"}, earlier) for name in names
        ]
        pages.append(
            _maybe_filtered(draw, {"id": f"p{number}", "title": "Sida", "questions": questions}, earlier)
        )
        earlier += names
    options = [{"code": code, "text": code} for code in CODES]
    return {"name": "made_up", "title": "Påhittat", "scales": {"s": options}, "pages": pages}


def _maybe_filtered(draw: some.DrawFn, entry: dict[str, Any], earlier: list[str]) -> dict[str, Any]:
    if earlier and draw(some.booleans()):
        targets = draw(some.lists(some.sampled_from(earlier), min_size=1, max_size=2, unique=True))
        codes = some.lists(some.sampled_from(CODES), min_size=1, max_size=3, unique=True)
        entry["show_if"] = {target: draw(codes) for target in targets}
    return entry


def build(source: dict[str, Any]) -> Questionnaire:
    # JSON is YAML, and keeps the codes quoted.
    return parse(json.dumps(source), "made_up.yaml")


def answers_to(questionnaire: Questionnaire) -> some.SearchStrategy[dict[str, str]]:
    """Any answers in any state: missing, skipped, given, and left behind on paths no longer taken."""
    fields = {question.id: some.sampled_from(("", *question.codes)) for question in questionnaire.questions}
    return some.fixed_dictionaries({}, optional=fields)


@some.composite
def answered(draw: some.DrawFn) -> Case:
    # A question that nobody could ever be asked is refused as a fault.
    source = draw(sources().filter(lambda made: not find_faults(made)))
    questionnaire = build(source)
    return source, questionnaire, draw(answers_to(questionnaire))


def replay(source: dict[str, Any], answers: dict[str, str]) -> dict[str, str]:
    """The plain meaning of a filter: walk the pages in order, looking only at answers reached so far."""
    reached: dict[str, str] = {}
    for page in source["pages"]:
        before = dict(reached)
        for question in page["questions"]:
            filters = [*page.get("show_if", {}).items(), *question.get("show_if", {}).items()]
            shown = all(before.get(target, "") in codes for target, codes in filters)
            if shown and question["id"] in answers:
                reached[question["id"]] = answers[question["id"]]
    return reached


@given(answered())
def test_only_answers_on_the_path_leave(case: Case) -> None:
    source, questionnaire, answers = case
    assert on_path(questionnaire, answers) == replay(source, answers)


@given(answered())
def test_answers_left_behind_change_nothing(case: Case) -> None:
    _, questionnaire, answers = case
    kept = on_path(questionnaire, answers)
    assert path(questionnaire, kept) == path(questionnaire, answers)
    assert next_page(questionnaire, kept) == next_page(questionnaire, answers)
    assert on_path(questionnaire, kept) == kept


@given(answered(), some.data())
def test_the_path_up_to_a_page_depends_only_on_the_pages_before_it(case: Case, data: some.DataObject) -> None:
    _, questionnaire, answers = case
    index = data.draw(some.integers(0, len(questionnaire.pages) - 1))
    fixed = {question.id for page in questionnaire.pages[:index] for question in page.questions}
    others = data.draw(answers_to(questionnaire))
    changed = {key: value for key, value in answers.items() if key in fixed}
    changed |= {key: value for key, value in others.items() if key not in fixed}
    page = questionnaire.pages[index]
    assert visible_questions(page, changed) == visible_questions(page, answers)
    upto = questionnaire.pages[: index + 1]
    assert [page for page in path(questionnaire, changed) if page in upto] == [
        page for page in path(questionnaire, answers) if page in upto
    ]


@given(answered(), some.data())
def test_answering_page_after_page_reaches_the_end(case: Case, data: some.DataObject) -> None:
    _, questionnaire, answers = case
    steps = 0
    while (page := next_page(questionnaire, answers)) is not None:
        assert is_reachable(questionnaire, page, answers)
        for question in visible_questions(page, answers):
            answers[question.id] = data.draw(some.sampled_from(("", *question.codes)))
        steps += 1
        assert steps <= len(questionnaire.pages)
    assert all(is_passed(page, answers) for page in path(questionnaire, answers))
    asked = {q.id for page in path(questionnaire, answers) for q in visible_questions(page, answers)}
    assert set(on_path(questionnaire, answers)) == asked


@given(some.data())
def test_answers_given_in_any_order_lead_to_the_same_place(data: some.DataObject) -> None:
    answers = data.draw(answers_to(TRYGGHET))
    shuffled = dict(data.draw(some.permutations(list(answers.items()))))
    assert list(on_path(TRYGGHET, shuffled).items()) == list(on_path(TRYGGHET, answers).items())
    assert next_page(TRYGGHET, shuffled) == next_page(TRYGGHET, answers)


@given(answered(), some.data())
def test_going_back_and_forth_in_any_order_ends_and_leaves_only_what_is_on_the_path(
    case: Case, data: some.DataObject
) -> None:
    source, questionnaire, _ = case
    answers: dict[str, str] = {}
    for _ in range(data.draw(some.integers(0, 8))):
        # A resident may open any page that is reached, an earlier one to change it or the next one.
        open_pages = [page for page in questionnaire.pages if is_reachable(questionnaire, page, answers)]
        if not open_pages:
            break
        page = data.draw(some.sampled_from(open_pages))
        before = path(questionnaire, answers)
        for question in visible_questions(page, answers):
            answers[question.id] = data.draw(some.sampled_from(("", *question.codes)))
        upto = before[: before.index(page) + 1]
        assert path(questionnaire, answers)[: len(upto)] == upto
    while (page_left := next_page(questionnaire, answers)) is not None:
        answers |= {question.id: "" for question in visible_questions(page_left, answers)}
    assert on_path(questionnaire, answers) == replay(source, answers)


@given(answered())
def test_the_page_before_the_page_after_is_the_page_itself(
    case: Case,
) -> None:
    _, questionnaire, answers = case
    pages = path(questionnaire, answers)
    for page, following in pairwise(pages):
        assert page_after(questionnaire, page, answers) == following
        assert page_before(questionnaire, following, answers) == page
    if pages:
        assert page_before(questionnaire, pages[0], answers) is None
        assert page_after(questionnaire, pages[-1], answers) is None


@given(some.data())
def test_local_questions_change_nothing_on_the_path_through_the_core(data: some.DataObject) -> None:
    answers = data.draw(answers_to(WITH_LOCAL))
    core = {question.id for question in TRYGGHET.questions}
    left = {name: code for name, code in on_path(WITH_LOCAL, answers).items() if name in core}
    assert left == on_path(TRYGGHET, answers)
    assert [page for page in path(WITH_LOCAL, answers) if page in TRYGGHET.pages] == list(
        path(TRYGGHET, answers)
    )


@given(some.data())
def test_returning_with_the_letter_never_opens_a_page_that_tells_an_earlier_answer(
    data: some.DataObject,
) -> None:
    answers = data.draw(answers_to(TRYGGHET))
    entries = entries_when_resumed(TRYGGHET, answers)
    assert set(entries.values()) <= {""}
    assert not set(entries) & set(answers)
    page = next_page(TRYGGHET, {**answers, **entries})
    assert page is None or not tells_earlier_answers(TRYGGHET, page)


def test_only_the_page_about_what_happened_tells_an_earlier_answer() -> None:
    telling = [page.id for page in TRYGGHET.pages if tells_earlier_answers(TRYGGHET, page)]
    assert telling == ["victimisation_details"]


def test_a_page_tells_nothing_to_the_one_who_just_gave_the_answers_it_follows_from() -> None:
    details = _page("victimisation_details")
    assert not tells_earlier_answers(TRYGGHET, details, seen=("problems", "victimisation"))
    assert tells_earlier_answers(TRYGGHET, details, seen=("problems", "worry"))
    victim = _all_skipped("problems") | _all_skipped("victimisation") | {"victim_theft": "1"}
    assert entries_when_resumed(TRYGGHET, victim, seen=("victimisation",)) == {}


def test_nothing_counts_as_skipped_when_the_next_page_tells_nothing() -> None:
    assert entries_when_resumed(TRYGGHET, {}) == {}
    victim = _all_skipped("problems") | _all_skipped("victimisation") | {"victim_theft": "1"}
    assert entries_when_resumed(TRYGGHET, victim) == {"times_theft": "", "reported_theft": ""}


def test_a_page_where_nothing_was_answered_is_passed_once_its_skips_are_stored() -> None:
    assert _id(next_page(TRYGGHET, {})) == "problems"
    assert _id(next_page(TRYGGHET, _all_skipped("problems"))) == "victimisation"


def test_a_skipped_filter_hides_what_follows_from_it() -> None:
    victim = {"victim_theft": "1", "times_theft": "2", "reported_theft": "1"}
    details = _page("victimisation_details")
    assert [q.id for q in visible_questions(details, victim)] == ["times_theft", "reported_theft"]
    skipped = {**victim, "victim_theft": ""}
    assert details not in path(TRYGGHET, skipped)
    assert on_path(TRYGGHET, skipped) == {"victim_theft": ""}


def test_a_later_page_opens_only_when_all_before_it_are_passed() -> None:
    assert is_reachable(TRYGGHET, _page("problems"), {})
    assert not is_reachable(TRYGGHET, _page("worry"), _all_skipped("problems"))
    passed = _all_skipped("problems") | _all_skipped("victimisation")
    assert is_reachable(TRYGGHET, _page("worry"), passed)
    assert not is_reachable(TRYGGHET, _page("victimisation_details"), passed)


def test_the_number_of_parts_tells_nothing_about_the_answers() -> None:
    places = [position(TRYGGHET, page) for page in TRYGGHET.pages]
    assert {place.parts for place in places} == {7}
    assert [place.part for place in places] == [1, 2, 2, 3, 4, 5, 6, 7]
    assert places[3].title == "Oro för brott"


def _page(page_id: str) -> Page:
    page = TRYGGHET.page(page_id)
    assert page is not None
    return page


def _all_skipped(page_id: str) -> dict[str, str]:
    return {question.id: "" for question in _page(page_id).questions}


def _id(page: Page | None) -> str:
    return page.id if page else "review"
