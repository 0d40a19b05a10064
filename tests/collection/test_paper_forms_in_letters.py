"""The second reminder brings the form on paper, with a number that leads to the case and to nobody else."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, TODAY

from survey import languages
from survey.collection.form_numbers import UnknownForm, find_form
from survey.collection.letters import print_letters
from survey.config import Settings
from survey.database import Databases
from survey.models.case import Case
from survey.models.invitation import Invitation
from survey.models.mailing import MailingKind
from survey.models.wave import Wave
from survey.preparation.paper_form import blank_form, form_mark
from survey.preparation.waves import questionnaire_of

AREA = "0187-01"
LATER = TODAY + timedelta(days=21)


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    """Printing asks little of the database."""
    return sqlite_databases


@pytest.fixture
def printed(
    session: Session, identity: Session, cases: list[int], settings: Settings
) -> pypdfium2.PdfDocument:
    print_letters(session, identity, CODE, AREA, settings, TODAY, BY)
    (batch,) = print_letters(session, identity, CODE, AREA, settings, LATER, BY, kind=MailingKind.FORM)
    return pypdfium2.PdfDocument(Path(settings.output) / "letters" / CODE / batch.file)


def codes_on(page: pypdfium2.PdfPage) -> list[str]:
    picture = page.render(scale=2, grayscale=True).to_numpy()
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def test_each_person_gets_a_letter_and_the_whole_form_with_a_number_of_its_own(
    session: Session, printed: pypdfium2.PdfDocument
) -> None:
    questionnaire = questionnaire_of(session.get_one(Wave, CODE))
    form = pypdfium2.PdfDocument(blank_form(questionnaire, languages.SOURCE, synthetic=True))
    each = 1 + len(form)
    assert len(printed) == 4 * each
    for first in range(0, len(printed), each):
        letter = printed[first].get_textpage().get_text_bounded()
        (mark,) = codes_on(printed[first + 1])
        case_id = find_form(session, mark).case_id
        reference = session.get_one(Case, case_id).reference
        assert f"{reference[:5]}-{reference[5:]}" in letter
        number = mark.split()[0]
        assert mark == form_mark(number, questionnaire)
        for place in range(1, each):
            words = printed[first + place].get_textpage().get_text_bounded()
            asked = form[place - 1].get_textpage().get_text_bounded()
            assert number in words
            assert reference not in words.replace("-", "")
            assert words_of(words.replace(number, "")) == words_of(asked)


def words_of(text: str) -> Counter[str]:
    return Counter(text.split())


def test_the_number_of_a_form_is_read_as_people_type_it(
    session: Session, printed: pypdfium2.PdfDocument
) -> None:
    case_id, number = session.execute(
        select(Invitation.case_id, Invitation.form_id).where(Invitation.form_id.is_not(None)).limit(1)
    ).one()
    assert number is not None
    for typed in (
        number,
        number.lower(),
        f" {number[:4]} {number[4:]} ",
        f"{number[:4]}-{number[4:]} 7916c1ec",
    ):
        assert find_form(session, typed).case_id == case_id
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    for typed in ("", "x", wrong, number[:-1], "\0" * 8, "Å" * 500):
        with pytest.raises(UnknownForm):
            find_form(session, typed)
