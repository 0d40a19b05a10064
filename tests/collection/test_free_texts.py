"""Answers in people's own words: apart from the others, screened first, gone with them or on their day."""

from itertools import pairwise
from pathlib import Path

import orjson
import pytest
import tiny_wave
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, TODAY

from survey.collection import forgetting, keying, responses, text_screening
from survey.collection.closing import close_wave
from survey.collection.keying import Step
from survey.collection.paper_reception import open_form
from survey.collection.withdrawal import withdraw
from survey.database import Databases
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.free_text import FreeText
from survey.models.passed_text import PassedText
from survey.models.response import Response
from survey.models.wave import Wave
from survey.preparation.waves import open_wave
from survey.questionnaire.definition import load
from survey.questionnaire.free_text import cleaned
from survey.questionnaire.path import path
from survey.questionnaire.text_flags import (
    REMOVED,
    FlagKind,
    find_flags,
    is_only_shortened,
    suggestion,
    without_capitals,
)

ASKED = load("trygghet+fritext")
QUESTION, PAGE = "fritext_safer", "fritext_page"
PAGES = [page.id for page in path(ASKED, {})]
SECRET = "Anna Planterad"


def answer(session: Session, case_id: int, text: str, *, hand_in: bool = True) -> None:
    responses.begin(session, case_id, "sv", TODAY)
    pages = [(page, {QUESTION: [text]} if page == PAGE else {}) for page in PAGES]
    assert responses.answer_pages(session, case_id, pages, "sv", TODAY) == {}
    if hand_in:
        responses.submit(session, case_id, len(PAGES), TODAY)


def texts(session: Session) -> dict[str, FreeText]:
    return {one.text: one for one in session.scalars(select(FreeText))}


def ask_and_do(databases: Databases, act: str, output: Path) -> dict[str, int]:
    with databases.transaction() as session:
        forgetting.request(session, CODE, act, "2026/17-4", BY)
    return forgetting.carry_out(databases, CODE, act, output, "another")


def test_a_text_is_kept_apart_screened_parted_and_destroyed(
    databases: Databases, register: Path, tmp_path: Path
) -> None:
    with databases.transaction() as session, databases.identity_transaction() as identity:
        cases = tiny_wave.sampled_wave(session, identity, register, questionnaire=ASKED.name)
        session.execute(update(Wave).values(texts_until=None))
        with pytest.raises(UserError, match="saknar datum för när svaren med egna ord"):
            open_wave(session, CODE, BY)
        session.execute(update(Wave).values(texts_until=tiny_wave.LATE))
        session.expire_all()
        open_wave(session, CODE, BY)
        for number, case in enumerate(cases[:6]):
            answer(session, case, f"  {SECRET} bor här. Nummer {number}\r\nrad två ", hand_in=number != 5)
        answer(session, cases[6], "")
        withdraw(session, cases[0], TODAY, BY)
    with databases.reading() as session:
        kept = texts(session)
        assert sorted(kept) == [f"{SECRET} bor här. Nummer {number}\nrad två" for number in range(1, 6)]
        drafts = [one for one in kept.values() if one.municipality_code is None]
        assert [one.text.splitlines()[0][-1] for one in drafts] == ["5"]
        handed_in = session.scalars(select(Response).where(Response.submitted_on.is_not(None))).all()
        assert len(handed_in) == 5
        for response in handed_in:  # nothing tells even who wrote and who did not
            assert QUESTION not in orjson.loads(response.answers)
            assert SECRET not in response.answers
        assert text_screening.waves_with_texts(session) == []
    screen(databases)
    ask_and_do(databases, "contacts", tmp_path)
    assert ask_and_do(databases, "links", tmp_path)["texts_parted"] == 4
    with databases.reading() as session:
        kept = texts(session)
        assert len(kept) == 4
        assert {one.response_id for one in kept.values()} == {None}
        ids = set(session.scalars(select(Response.id)))
        assert not ids & {one.id for one in kept.values()}
        assert [act.act.value for act in forgetting.list_acts(session, CODE)] == [
            "contacts",
            "links",
            "texts",
        ]
    assert ask_and_do(databases, "texts", tmp_path) == {"texts": 4}
    with databases.reading() as session:
        for table in (FreeText, PassedText):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        told = " ".join(
            f"{one.action} {one.subject} {one.detail}" for one in session.scalars(select(AuditEvent))
        )
        assert "screen a text" in told
        assert SECRET not in told


def screen(databases: Databases) -> None:
    """Let one through without its name, in two goes, and take another back again; nothing else is allowed."""
    with databases.transaction() as session:
        first = text_screening_of(session, 1)
        with pytest.raises(UserError, match="kräver ”stängd”"):
            text_screening.decide(session, CODE, first.id, "passed", "x", BY)
        close_wave(session, CODE, BY)
        (wave,) = text_screening.waves_with_texts(session)
        assert wave.counts == {"waiting": 4, "marked": 0, "passed": 0, "withheld": 0}
        shown = text_screening.text_at(session, CODE, "waiting", 3)
        assert shown is not None
        assert shown.suggestion.startswith(f"{REMOVED} bor här.")
        assert shown.question == "Vad skulle göra dig tryggare där du bor?"
        assert text_screening.text_at(session, CODE, "waiting", 4) is None
        for wrong in ("Jag hatar alla", "Anna Planterad bor där. Nummer 1\nrad två", f"{REMOVED} rad tre"):
            with pytest.raises(UserError, match="Det går bara att ta bort"):
                text_screening.decide(session, CODE, first.id, "passed", wrong, BY)
        with pytest.raises(UserError, match="Välj om svaret"):
            text_screening.decide(session, CODE, first.id, "waiting", "", BY)
        with pytest.raises(UserError, match="Svaret finns inte längre"):
            text_screening.decide(session, CODE, 1, "passed", "", BY)
        less = f"{REMOVED} bor här. Nummer 1 {REMOVED}"
        text_screening.decide(session, CODE, first.id, "passed", f"{REMOVED} bor här. {REMOVED}", BY)
        text_screening.decide(session, CODE, first.id, "passed", less, BY)
        text_screening.decide(
            session, CODE, text_screening_of(session, 2).id, "passed", less[:-13] + REMOVED, BY
        )
        text_screening.decide(session, CODE, text_screening_of(session, 2).id, "withheld", "", BY)
        text_screening.decide(session, CODE, text_screening_of(session, 3).id, "marked", "", BY)
    with databases.reading() as session:
        assert session.scalars(select(PassedText.text)).all() == [less]
        (wave,) = text_screening.waves_with_texts(session)
        assert wave.counts == {"waiting": 1, "marked": 1, "passed": 1, "withheld": 1}


def text_screening_of(session: Session, number: int) -> FreeText:
    return next(one for text, one in texts(session).items() if f"Nummer {number}" in text)


def test_of_a_form_on_paper_two_persons_must_see_that_something_is_written(
    sqlite_databases: Databases, register: Path
) -> None:
    from survey.collection import invitations

    with sqlite_databases.transaction() as session, sqlite_databases.identity_transaction() as identity:
        cases = tiny_wave.open_wave(session, identity, register, questionnaire=ASKED.name)
        *made, third = invitations.issue(session, cases[:3], TODAY, forms=True)
        for form, words in zip(made, (("Fler lampor.", "Fler  lampor"), ("Fler lampor.", "-")), strict=True):
            assert form.form_id is not None
            steps = [key_in(session, form.form_id, by, text) for by, text in zip("ab", words, strict=True)]
            if words[1] == "-":
                assert steps == [Step.KEY_AGAIN, Step.DECIDE]
                opened = open_form(session, form.form_id, TODAY, "c").keying_id
                _, differing = keying.differences(session, opened)
                assert [one.question.id for one in differing] == [QUESTION]
                assert keying.decide(session, opened, {QUESTION: "x" * 1001}, TODAY, "c") != {}
                assert keying.decide(session, opened, {QUESTION: "Inget alls"}, TODAY, "c") == {}
            else:
                assert steps == [Step.KEY_AGAIN, Step.HANDED_IN]
        # Decided on another question: of the text the first keying's words are kept.
        assert third.form_id is not None
        key_in(session, third.form_id, "a", "Som det stod.", litter="1")
        assert key_in(session, third.form_id, "b", "Som  det stog", litter="2") is Step.DECIDE
        opened = open_form(session, third.form_id, TODAY, "c").keying_id
        assert keying.decide(session, opened, {"problem_litter": "2"}, TODAY, "c") == {}
        assert sorted(texts(session)) == ["Fler lampor.", "Inget alls", "Som det stod."]
        assert {one.municipality_code for one in texts(session).values()} <= {"0140", "0187"}


def key_in(session: Session, number: str, by: str, text: str, litter: str = "-") -> Step:
    own = {QUESTION: text, "problem_litter": litter}
    opened = open_form(session, number, TODAY, by)
    for page in ASKED.pages:
        typed = {question.id: own.get(question.id, "-") for question in page.questions}
        assert keying.save_page(session, opened.keying_id, page.id, typed, by) == {}
    return keying.finish(session, opened.keying_id, TODAY, by)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Ring mig på 070-123 45 67 eller +46 8 123 456.", [FlagKind.PHONE, FlagKind.PHONE]),
        ("Mitt nummer är 19640823-3234, skriv till a.b@c.se", [FlagKind.PERSONAL_NUMBER, FlagKind.EMAIL]),
        ("Bilen ABC 12D står på Storgatan 5 b varje natt", [FlagKind.PLATE, FlagKind.ADDRESS]),
        ("min granne Kalle Öberg och hans bror heter olle", [FlagKind.NAME, FlagKind.NAME]),
        ("Anna Svensson säljer. Se www.knark.example/x", [FlagKind.NAME, FlagKind.LINK]),
        ("Följ @kalle99 på nätet, ordernummer 99887766", [FlagKind.HANDLE, FlagKind.NUMBER]),
        ("Fler lampor i parken. Polisen borde synas mer!\nOch 20 bänkar.", []),
        ("", []),
    ],
)
def test_what_may_show_who_somebody_is_is_flagged(text: str, kinds: list[FlagKind]) -> None:
    flags = find_flags(text)
    assert [flag.kind for flag in flags] == kinds
    assert is_only_shortened(text, suggestion(text, flags))


def test_the_space_after_a_house_number_stays() -> None:
    text = "Sagovägen 7 har larm, Storgatan 5 b inte"
    assert suggestion(text, find_flags(text)) == f"{REMOVED} har larm, {REMOVED} inte"


def test_names_in_letters_without_capitals_are_said_to_be_out_of_reach() -> None:
    assert without_capitals("أنا أعيش هنا مع جاري أحمد")
    assert without_capitals("ኣብዚ ይነብር")
    assert not without_capitals("Här bor jag")
    assert not without_capitals("123")


@given(
    some.text("abÅ .\n[]0é✓أ", max_size=60).map(cleaned),
    some.lists(some.integers(0, 60), max_size=6).map(sorted),
)
def test_a_text_less_any_of_its_parts_is_the_text_shortened_and_one_with_more_is_not(
    text: str, cuts: list[int]
) -> None:
    ends = [0, *cuts, len(text)]
    parts = [text[start:end] for start, end in pairwise(ends)]
    shortened = "".join(REMOVED if number % 2 else part for number, part in enumerate(parts))
    assert is_only_shortened(text, shortened)
    assert not is_only_shortened(text, f"{text} och mer")
    assert not is_only_shortened(text, f"{shortened}{REMOVED}och mer än det som stod")
