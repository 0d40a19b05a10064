"""Whoever asks the help desk for a form gets letter and form, in the language asked for."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest
import tiny_wave
import zxingcpp
from keyed_forms import ANNA, BO, LITTER, key_in
from sqlalchemy import select
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, LAST_DAY, TODAY

from survey import languages
from survey.collection import help_desk, invitations, responses
from survey.collection.form_numbers import find_form
from survey.collection.keying import Step
from survey.collection.letter_files import fetch
from survey.collection.manifest import check_letters, manifest_of
from survey.collection.recipients import count_recipients
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case
from survey.models.mailing import MailingKind
from survey.models.response import Response
from survey.models.wave import Wave


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    """Printing asks little of the database."""
    return sqlite_databases


@pytest.fixture
def person(session: Session, cases: list[int]) -> Iterator[Case]:
    yield session.get_one(Case, cases[0])


def test_the_form_asked_for_is_found_by_its_code_keyed_and_counted_in_its_language(
    session: Session, identity: Session, person: Case, settings: Settings
) -> None:
    help_desk.send_form(session, identity, person.reference, "ar", settings, TODAY, BY)
    (batch,) = manifest_of(Path(settings.output), session.get_one(Wave, CODE))
    document = pypdfium2.PdfDocument(fetch(session, settings.output, CODE, batch.file[:-4], BY))
    assert (batch.kind, batch.letters, batch.pages) == ("request", 1, len(document))
    picture = document[1].render(scale=2, grayscale=True).to_numpy()
    (found,) = zxingcpp.read_barcodes(picture)
    form = find_form(session, found.text)
    assert (form.case_id, form.language) == (person.id, "ar")
    assert check_letters(session, CODE, settings.output).faults == ()
    key_in(session, found.text, ANNA, LITTER)
    assert key_in(session, form.number, BO, LITTER) is Step.HANDED_IN
    assert session.execute(select(Response.mode, Response.language)).one() == ("paper", "ar")


def test_a_second_form_lies_beside_the_first_and_the_form_mailing_spares_the_person(
    session: Session, identity: Session, person: Case, settings: Settings
) -> None:
    for language in ("sv", "en"):
        help_desk.send_form(session, identity, person.reference, language, settings, TODAY, BY)
    batches = manifest_of(Path(settings.output), session.get_one(Wave, CODE))
    assert [batch.batch for batch in batches] == [1, 2]
    later = TODAY + timedelta(days=10)
    assert count_recipients(session, CODE, MailingKind.CARD, later) == {person.area_code: 1}
    assert count_recipients(session, CODE, MailingKind.FORM, later) == {}
    details = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "print request")).all()
    assert len(details) == 2
    assert person.reference not in "".join(details)


def test_no_form_goes_to_whoever_cannot_use_it(
    session: Session, identity: Session, person: Case, settings: Settings
) -> None:
    def send(language: str = "sv", day: date = TODAY) -> None:
        help_desk.send_form(session, identity, person.reference, language, settings, day, BY)

    with pytest.raises(UserError, match="Sista svarsdag"):
        send(day=LAST_DAY + timedelta(days=1))
    with pytest.raises(UserError, match="språken i listan"):
        send("xx")
    responses.begin(session, person.id, "sv", TODAY)
    help_desk.record(session, person.reference, "refused", TODAY, BY)
    with pytest.raises(UserError, match="Inget formulär skickas"):
        send()
    assert not (Path(settings.output) / "letters").exists()


def test_nobody_real_gets_a_form_in_a_language_that_is_not_reviewed(
    session: Session, identity: Session, register: Path, settings: Settings
) -> None:
    reference = session.get_one(
        Case, tiny_wave.open_wave(session, identity, register, synthetic=False)[0]
    ).reference
    offered = help_desk.look_up(session, identity, reference, TODAY, BY).form_languages
    assert [language.code for language in offered] == [language.code for language in languages.offered()]
    draft = next(one for one in languages.offered(drafts=True) if not one.reviewed)
    with pytest.raises(UserError, match="språken i listan"):
        help_desk.send_form(session, identity, reference, draft.code, settings, TODAY, BY)


def test_a_number_with_a_half_of_digits_is_proven_on_a_page_from_right_to_left(
    session: Session,
    identity: Session,
    person: Case,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(invitations, "new_form_numbers", lambda session, count: ["0351RSTE"])
    help_desk.send_form(session, identity, person.reference, "ar", settings, TODAY, BY)
    assert len(manifest_of(Path(settings.output), session.get_one(Wave, CODE))) == 1
