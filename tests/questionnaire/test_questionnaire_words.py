"""The Swedish of the questionnaire: plain, complete and with a stated period."""

import re

import pytest

from survey.questionnaire.answers import Fault
from survey.questionnaire.definition import Question, load

TRYGGHET = load("trygghet")
TEXTS = sorted({*TRYGGHET.texts(), *map(str, Fault)})


def test_no_sentence_is_long() -> None:
    for text in TEXTS:
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            assert len(sentence.split()) <= 30, sentence


def test_no_word_belongs_to_offices_or_systems() -> None:
    words = r"\b(erhåll\w*|avseende|beträffande|samt|vederbörande|respondent\w*|viktimiser\w*|session\w*)\b"
    assert [text for text in TEXTS if re.search(words, text, re.IGNORECASE)] == []


def test_residents_are_addressed_as_du() -> None:
    assert [text for text in TEXTS if re.search(r"\b(Ni|ni|Er|er|Ert|man)\b", text)] == []


def test_no_text_holds_a_percent_sign_or_markup() -> None:
    # A percent sign would be read as the start of a placeholder when the text is translated.
    assert [text for text in TEXTS if re.search(r"[%<>{}]|--|\.\.\.", text)] == []


def test_a_shared_stem_is_a_question_and_its_rows_are_not() -> None:
    for question in TRYGGHET.questions:
        if question.stem:
            assert question.stem.endswith("?")
            assert question.text[-1] not in "?."
        else:
            assert question.text.endswith("?"), question.id
        assert question.text[0].isupper()
        assert not question.help or question.help.endswith(".")


def test_questions_that_share_a_stem_share_their_answers() -> None:
    by_stem: dict[str, list[Question]] = {}
    for question in TRYGGHET.questions:
        if question.stem:
            by_stem.setdefault(question.stem, []).append(question)
    assert all(len({question.options for question in group}) == 1 for group in by_stem.values())
    assert all(len(group) > 1 for group in by_stem.values())


@pytest.mark.parametrize(
    "page_id", ["problems", "victimisation", "victimisation_details", "worry", "avoidance"]
)
def test_what_happened_is_asked_about_the_last_twelve_months(page_id: str) -> None:
    page = TRYGGHET.page(page_id)
    assert page is not None
    assert "de senaste 12 månaderna" in page.period


def test_every_question_offers_a_way_not_to_answer() -> None:
    for question in TRYGGHET.questions:
        assert question.options[-1].text == "Vill inte svara", question.id


def test_an_option_means_the_same_wherever_its_words_return() -> None:
    kinds: dict[str, set[str]] = {}
    for question in TRYGGHET.questions:
        for option in question.options:
            kinds.setdefault(option.text, set()).add(option.kind)
    assert all(len(kind) == 1 for kind in kinds.values())
