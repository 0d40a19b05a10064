"""Accounts of staff, from invitation to logout."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import clock
from survey.errors import UserError
from survey.models.account import Account
from survey.models.browser_session import BrowserSession
from survey.models.municipality import Municipality
from survey.preparation import accounts, two_persons
from survey.preparation.two_persons import require_another

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "korrekt häst batteri"
EMAIL = "kommun@example.se"


@pytest.fixture
def place(session: Session) -> Session:
    session.add(
        Municipality(code="0125", name="Ekerö", county_code="01", county="Stockholms län", police_region="X")
    )
    session.flush()
    return session


@pytest.fixture
def account(place: Session) -> Account:
    token = accounts.invite(place, EMAIL, "municipality", "0125", "admin", NOW)
    return accounts.activate(place, token, PASSWORD, NOW)


def test_an_invited_account_chooses_its_password_and_logs_in(place: Session, account: Account) -> None:
    assert accounts.authenticate(place, " Kommun@Example.se ", PASSWORD) is account
    assert accounts.authenticate(place, EMAIL, PASSWORD + "x") is None
    assert accounts.authenticate(place, "nobody@example.se", PASSWORD) is None
    assert (account.role, account.municipality_code) == ("municipality", "0125")
    assert PASSWORD not in repr(place.execute(select(Account.password_hash)).all())


def test_an_account_without_password_lets_nobody_in(place: Session) -> None:
    accounts.invite(place, EMAIL, "municipality", "0125", "admin", NOW)
    assert accounts.authenticate(place, EMAIL, "") is None


def test_an_activation_link_works_once_and_for_a_week(place: Session) -> None:
    token = accounts.invite(place, EMAIL, "municipality", "0125", "admin", NOW)
    for late, found in ((token, NOW + timedelta(days=7)), (token + "x", NOW)):
        with pytest.raises(UserError, match="gäller inte längre"):
            accounts.activate(place, late, PASSWORD, found)
    accounts.activate(place, token, PASSWORD, NOW + timedelta(days=6))
    with pytest.raises(UserError, match="gäller inte längre"):
        accounts.activate(place, token, PASSWORD, NOW)


@pytest.mark.parametrize("password", ["", "elva tecken", "x" * 201])
def test_a_password_too_short_or_endless_is_refused_and_the_link_still_works(
    place: Session, password: str
) -> None:
    token = accounts.invite(place, EMAIL, "municipality", "0125", "admin", NOW)
    with pytest.raises(UserError, match="minst 12"):
        accounts.activate(place, token, password, NOW)
    assert accounts.activate(place, token, "tolv tecken!", NOW).password_hash


def test_a_new_invitation_ends_the_old_password_and_every_session(place: Session, account: Account) -> None:
    key = accounts.open_staff_session(place, account, NOW)
    accounts.invite(place, EMAIL.upper(), "analyst", None, "admin", NOW)
    assert accounts.authenticate(place, EMAIL, PASSWORD) is None
    assert accounts.find_staff_session(place, key, NOW) is None
    assert account.role == "analyst"


def test_an_account_closed_while_its_holder_logs_in_opens_nothing(place: Session, account: Account) -> None:
    accounts.close(place, EMAIL, "admin", NOW.date())
    key = accounts.open_staff_session(place, account, NOW)
    assert accounts.find_staff_session(place, key, NOW) is None


def test_a_session_is_found_by_its_key_until_logout_or_the_end_of_the_day(
    place: Session, account: Account
) -> None:
    key = accounts.open_staff_session(place, account, NOW)
    for minutes in range(0, 600, 25):
        now = NOW + timedelta(minutes=minutes)
        assert accounts.find_staff_session(place, key, now) == (account, False, minutes > 0)
        accounts.keep_awake(place, key, now)
    assert accounts.find_staff_session(place, key, NOW + timedelta(minutes=599)) == (account, False, True)
    assert accounts.find_staff_session(place, key, NOW + timedelta(minutes=600)) is None
    assert accounts.find_staff_session(place, "another", NOW) is None
    assert place.scalars(select(BrowserSession.key_hash)).one() != key
    accounts.end_staff_session(place, key)
    assert accounts.find_staff_session(place, key, NOW) is None


def test_a_session_that_is_left_alone_ends_after_half_an_hour(place: Session, account: Account) -> None:
    key = accounts.open_staff_session(place, account, NOW)
    assert accounts.find_staff_session(place, key, NOW + timedelta(minutes=4)) == (account, False, False)
    assert accounts.find_staff_session(place, key, NOW + timedelta(minutes=29)) == (account, False, True)
    assert accounts.find_staff_session(place, key, NOW + timedelta(minutes=30)) is None


def test_who_has_invited_the_other_is_not_another_person(
    place: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_persons, "SETTLED", timedelta(0))
    anna, bo, cia = (f"{name}@example.se" for name in ("anna", "bo", "cia"))
    for email, by in ((anna, "root (kommandorad)"), (bo, " Anna@example.se"), (cia, bo)):
        accounts.invite(place, email, "owner", None, by, NOW)
    for asked_by, by in ((anna, "Anna@example.se"), (anna, bo), (bo, anna), (bo, cia)):
        with pytest.raises(UserError, match=r"kan inte godkänna|bjudit in"):
            require_another(place, asked_by, by)
    require_another(place, anna, cia)
    accounts.invite(place, bo, "owner", None, "root (kommandorad)", NOW)
    require_another(place, anna, bo)
    accounts.invite(place, anna, "owner", None, bo, NOW)  # anew: the link is another's to open
    with pytest.raises(UserError, match="bjudit in"):
        require_another(place, anna, bo)


def test_an_account_that_another_has_just_invited_approves_nothing_for_a_week(
    place: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One who is in charge invites two strangers and holds both."""
    anna, bo, cia = (f"{name}@example.se" for name in ("anna", "bo", "cia"))
    for email, by in ((anna, "root (kommandorad)"), (bo, anna), (cia, anna)):
        accounts.invite(place, email, "owner", None, by, NOW)
    with pytest.raises(UserError, match="mindre än 7 dagar"):
        require_another(place, bo, cia)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment + timedelta(days=7))
    require_another(place, bo, cia)
    monkeypatch.undo()
    accounts.invite(place, cia, "owner", None, "root (kommandorad)", NOW)
    require_another(place, bo, cia)


@pytest.mark.parametrize(
    ("email", "role", "municipality", "told"),
    [
        ("no address", "analyst", None, "ingen e-postadress"),
        (EMAIL, "boss", None, "Rollen 'boss' finns inte"),
        (EMAIL, "municipality", None, "måste höra till en kommun"),
        (EMAIL, "municipality", "9999", "'9999'"),
        (EMAIL, "municipality", "01\0", "ingen inläst kommun"),
        ("Admin@Example.se", "analyst", None, "inte bjuda in dig själv"),
        (EMAIL, "analyst", "0125", "Bara en kommunanvändare"),
    ],
)
def test_an_invitation_that_cannot_be_is_told(
    place: Session, email: str, role: str, municipality: str | None, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        accounts.invite(place, email, role, municipality, "admin@example.se", NOW)
    assert place.scalars(select(Account)).all() == []
