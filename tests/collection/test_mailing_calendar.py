"""The calendar: the usual plan, what a wave changes, what is due, late and done, and whom it would reach."""

from datetime import date, timedelta

import pytest
import tiny_wave
from sqlalchemy import select
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, FIRST_DAY, LAST_DAY, TODAY

from survey.collection import help_desk, responses
from survey.collection.letters import print_letters
from survey.collection.mailing_changes import changes_of
from survey.collection.mailings import PlannedMailing, calendar, off_plan, plan, require_on_plan, text_of
from survey.collection.recipients import count_recipients, recipients
from survey.collection.usual_mailings import USUAL
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case
from survey.models.mailing import MailingKind
from survey.models.wave import Wave
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

LETTER, CARD, FORM, LAST, SMS = (
    MailingKind.LETTER,
    MailingKind.CARD,
    MailingKind.FORM,
    MailingKind.LAST,
    MailingKind.SMS,
)
PAGES = [(page.id, dict[str, list[str]]()) for page in path(load("trygghet"), {})]


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    """Counting on both databases is in test_reminders."""
    return sqlite_databases


@pytest.fixture
def wave(session: Session, identity: Session, cases: list[int]) -> Wave:
    return session.get_one(Wave, CODE)


def found(session: Session, day: date = TODAY) -> dict[MailingKind, PlannedMailing]:
    return {one.kind: one for one in calendar(session, CODE, day)}


def change(session: Session, *days: str, texts: tuple[str, ...] = (), today: date = TODAY) -> None:
    plan(session, CODE, changes_of(days, texts), today, BY)


def test_the_usual_plan_leaves_out_what_comes_too_late_for_an_answer(session: Session, wave: Wave) -> None:
    days = {kind: one.planned_on for kind, one in found(session).items()}
    assert days == {
        LETTER: FIRST_DAY,
        SMS: FIRST_DAY + timedelta(days=7),
        CARD: FIRST_DAY + timedelta(days=10),
        FORM: FIRST_DAY + timedelta(days=21),
        LAST: None,
    }
    assert found(session)[LAST].state == "left out"


def test_a_reminder_off_its_day_is_stopped_unless_it_is_forced_and_logged(
    session: Session, wave: Wave
) -> None:
    day = found(session)[CARD].planned_on
    assert day
    asked = (session, CODE, CARD, day - timedelta(days=1), BY)
    with pytest.raises(UserError, match=f"Kort ska skickas {day} enligt kalendern"):
        require_on_plan(*asked, forced=False, how="vänta.")
    require_on_plan(*asked, forced=True, how="")
    assert session.scalars(select(AuditEvent.subject).where(AuditEvent.action == "mail off plan")).all() == [
        f"{CODE} card"
    ]
    for late in (day, day + timedelta(days=3)):
        assert off_plan(session, CODE, CARD, late) == ""
    assert "ska inte skickas" in off_plan(session, CODE, LAST, day)
    assert off_plan(session, CODE, LETTER, FIRST_DAY - timedelta(days=9)) == ""


def test_a_changed_day_and_text_are_kept_and_told_in_the_log(session: Session, wave: Wave) -> None:
    change(session, "card=2026-10-12", "last=2026-10-30", texts=("card=Läs  vårt\nbrev.",))
    assert found(session)[CARD].planned_on == date(2026, 10, 12)
    assert found(session)[LAST].planned_on == date(2026, 10, 30)
    assert text_of(session, CODE, CARD) == "Läs vårt brev."
    change(session, "last=-", texts=("card=",))
    assert found(session)[LAST].state == "left out"
    assert text_of(session, CODE, CARD) == USUAL[CARD].text
    told = select(AuditEvent.subject).where(AuditEvent.action == "plan mailing")
    assert sorted(session.scalars(told)) == [f"{CODE} card"] * 2 + [f"{CODE} last"] * 2


@pytest.mark.parametrize(
    ("days", "texts", "told"),
    [
        (["card=2026-10-04"], [], "har redan varit"),
        (["last=2026-11-01"], [], "utanför tiden"),
        (["card=2026-10-20"], [], "minst 5 dagar efter"),
        (["letter=-"], [], "kan inte tas bort"),
        (["brev=2026-10-12"], [], "SLAG=VÄRDE"),
        (["card"], [], "SLAG=VÄRDE"),
        (["card=12/10"], [], "inget datum"),
        ([], ["card=" + "x" * 301], "högst 300 tecken"),
        ([], ["sms=" + "x" * 161], "högst 160 tecken"),
        ([], ["sms=Svara på trygg.se"], "länk"),
        ([], ["card=https://x"], "länk"),
        ([], ["last=a\u202eb"], "styrtecken"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_whole(
    session: Session, wave: Wave, days: list[str], texts: list[str], told: str
) -> None:
    before = found(session)
    with pytest.raises(UserError, match=told), session.begin_nested():
        plan(session, CODE, changes_of(["form=2026-10-23", *days], texts), TODAY, BY)
    assert found(session) == before


def test_a_mailing_is_due_late_underway_and_done(
    session: Session, identity: Session, wave: Wave, settings: Settings
) -> None:
    assert found(session, FIRST_DAY - timedelta(days=1))[LETTER].state == "planned"
    assert found(session, FIRST_DAY)[LETTER].state == "due"
    assert found(session)[LETTER].state == "late"
    assert (found(session)[LETTER].waiting, found(session)[CARD].waiting) == (12, 0)
    print_letters(session, identity, CODE, "0140-01", settings, TODAY, BY)
    assert (found(session)[LETTER].state, found(session)[LETTER].sent) == ("underway", 4)
    print_letters(session, identity, CODE, None, settings, TODAY, BY)
    assert (found(session)[LETTER].state, found(session)[LETTER].waiting) == ("done", 0)
    # On its own day, not yet today.
    assert found(session)[CARD].waiting == 12
    with pytest.raises(UserError, match="redan utskrivet"):
        change(session, "letter=2026-10-06")
    change(session, "card=2026-10-11")


def test_an_answer_is_counted_after_the_mailings_it_came_after(
    session: Session, identity: Session, wave: Wave, settings: Settings
) -> None:
    early, late, *_ = session.scalars(select(Case.id).order_by(Case.id)).all()
    print_letters(session, identity, CODE, None, settings, TODAY, BY)
    day = TODAY + timedelta(days=6)
    for case_id, answered in ((early, TODAY), (late, day)):
        if answered == day:
            print_letters(session, identity, CODE, None, settings, day, BY, kind=CARD)
        responses.begin(session, case_id, "sv", answered)
        responses.answer_pages(session, case_id, PAGES, "sv", answered)
        responses.submit(session, case_id, len(PAGES), answered)
    assert (found(session)[LETTER].answered_after, found(session)[CARD].answered_after) == (2, 1)
    assert (found(session)[CARD].sent, found(session)[CARD].first_on) == (11, day)


def test_each_mailing_reaches_a_silent_person_once_and_a_new_address_opens_the_way_again(
    session: Session, identity: Session, wave: Wave, settings: Settings
) -> None:
    print_letters(session, identity, CODE, None, settings, TODAY, BY)
    case = session.scalars(select(Case).where(Case.area_code == "0140-01").order_by(Case.id)).first()
    assert case is not None
    help_desk.record(session, case.reference, "returned", TODAY, BY)
    days = {kind: TODAY + timedelta(days=days) for kind, days in ((CARD, 5), (FORM, 10), (LAST, 15))}
    assert count_recipients(session, CODE, CARD, days[CARD])["0140-01"] == 3
    assert len(print_letters(session, identity, CODE, "0140-01", settings, days[CARD], BY, kind=CARD)) == 1
    assert count_recipients(session, CODE, CARD, days[LAST]).get("0140-01", 0) == 0
    assert case.reference not in recipients(session, CODE, "0140-01", FORM, days[FORM])
    address = help_desk.NewAddress("Nygatan 1", "123 45", "Nystad")
    help_desk.change_address(session, identity, case.reference, address, BY)
    assert len(recipients(session, CODE, "0140-01", FORM, days[FORM])) == 4
    assert case.reference in recipients(session, CODE, "0140-01", FORM, days[FORM])


def test_nothing_is_printed_after_the_last_answer_day(
    session: Session, identity: Session, wave: Wave, settings: Settings
) -> None:
    with pytest.raises(UserError, match="har varit"):
        print_letters(session, identity, CODE, None, settings, LAST_DAY + timedelta(days=1), BY)


def test_a_text_message_is_not_printed_here(session: Session, identity: Session, wave: Wave) -> None:
    with pytest.raises(UserError, match="någon annan"):
        count_recipients(session, CODE, SMS, TODAY)
    assert found(session, FIRST_DAY + timedelta(days=30))[SMS].state == "outside"


def test_a_closed_wave_is_not_planned(session: Session, wave: Wave) -> None:
    wave.status = "closed"
    session.flush()
    with pytest.raises(UserError, match="stängd"):
        change(session, "card=2026-10-12")


def test_a_large_area_is_printed_in_files_that_are_done_one_by_one(
    session: Session, identity: Session, wave: Wave, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey.collection import letters, manifest

    monkeypatch.setitem(letters.PER_FILE, LETTER, 3)
    first = letters.print_file(session, identity, CODE, "0140-01", settings, TODAY, BY)
    second = letters.print_file(session, identity, CODE, "0140-01", settings, TODAY, BY)
    assert first is not None
    assert second is not None
    assert (first.letters, second.letters, second.file) == (3, 1, "0140-01-2-SIMULERADE-SVAR.pdf")
    assert letters.print_file(session, identity, CODE, "0140-01", settings, TODAY, BY) is None
    assert manifest.check_letters(session, CODE, settings.output) == manifest.Checked(2, 4, ())


def test_a_planned_wave_has_a_calendar_too(session: Session) -> None:
    tiny_wave.plan_wave(session)
    assert {one.waiting for one in calendar(session, CODE, TODAY)} == {0}
