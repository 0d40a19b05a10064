"""An approved table is read no more: with a reason, by as many as a release takes, and never untold."""

from datetime import UTC, datetime

import pytest
from asked_tables import FORM, LIST, client_of, post, spaced
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from staff import add_account, add_police, log_in

from survey.database import Databases
from survey.errors import Conflict, UserError
from survey.models.audit_event import AuditEvent
from survey.models.release import Release
from survey.models.requested_table import RequestedTable, TableWithdrawal
from survey.models.table_request import TableRequest
from survey.processing import table_withdrawals
from survey.processing.table_requests import list_requests
from survey.processing.told_so_far import approved_tables, outputs_of
from survey.worker import run_next

pytestmark = pytest.mark.usefixtures("computed_once")


def test_a_withdrawn_table_is_gone_for_its_readers_and_remembered_by_the_check(
    released: Flask, settings
) -> None:
    stores: Databases = released.extensions["databases"]
    anna, bo = client_of(released, "anna@example.se"), client_of(released, "bo@example.se")

    def asked_and_computed(number: int, **changed: object) -> str:
        assert post(anna, f"{LIST}ny/2022", **{**FORM, **changed}).status_code == 303
        while run_next(stores, settings):
            pass
        return anna.get(f"{LIST}{number}/").text

    before = asked_and_computed(1)
    assert post(bo, f"{LIST}1/dra-tillbaka", skal_tillbaka="För tidigt").status_code == 422
    assert post(bo, f"{LIST}1/godkann", lasare="public").status_code == 303
    asked_and_computed(2, efter=["legal_gender"])
    assert post(bo, f"{LIST}2/godkann", lasare="public").status_code == 303
    add_account(released, "0114", email="kommun@example.se")
    municipality, nobody = released.test_client(), released.test_client()
    assert log_in(municipality, "kommun@example.se").status_code == 303
    police = add_police(released, "lpo", "0114")
    pages = [
        (client, f"{room}/0114/2022/tabeller/1/{part}")
        for client, room in ((municipality, "/kommun"), (police, "/kommun"), (nobody, "/resultat"))
        for part in ("", "tabell.csv", "tabell.xlsx")
    ]
    feeds = ("tables?table=1", "table-rows?table=1", "table-rows?table=1&format=px")
    pages += [(nobody, f"/api/v1/{feed}") for feed in feeds]
    assert {client.get(address).status_code for client, address in pages} == {200}

    # A reason is asked for; simulated answers need one person.
    assert post(bo, f"{LIST}1/dra-tillbaka", skal_tillbaka=" ").status_code == 422
    assert post(bo, f"{LIST}1/dra-tillbaka", skal_tillbaka="Fel kommun i rubriken").status_code == 303
    assert {(address, client.get(address).status_code) for client, address in pages} == {
        (address, 410) for _, address in pages
    }
    page = nobody.get("/resultat/0114/2022/tabeller/1/").text
    assert "<h1>Tabellen är tillbakadragen</h1>" in page
    assert "Tabell 1 drogs tillbaka" in page
    assert "Fel kommun i rubriken" not in page
    for client, address in (
        (municipality, "/kommun/0114/2022/"),
        (nobody, "/resultat/0114"),
        (nobody, "/api/v1/tables"),
    ):
        listed = client.get(address).text
        assert ("/tabeller/1/" in listed or '"table":1,' in listed) is False
        assert "/tabeller/2/" in listed or '"table":2,' in listed
    assert nobody.get("/resultat/0114/2022/tabeller/3/").status_code == 404
    page = spaced(anna.get(f"{LIST}1/").text)
    for words in (
        "Tillbakadragen</dd>",
        "bo@example.se, ",
        "Fel kommun i rubriken",
        "kan inte göras osagt",
        "Bara analytiker",
    ):
        assert words in page
    assert anna.get(f"{LIST}1/tabell.csv").status_code == 404
    assert post(anna, f"{LIST}1/dra-tillbaka", skal_tillbaka="En gång till").status_code == 422
    assert "Fel kommun i rubriken" in anna.get(f"{LIST}1/").text

    # It may be asked for again; what it told still stands beside, and nothing more is shown than it showed.
    again = asked_and_computed(3)
    assert "och 2 godkända tabeller." in spaced(again)
    assert again.count(">..<") >= before.count(">..<")
    with stores.reading() as session:
        assert outputs_of(session, "2022").requests == (1, 2)
        assert len(approved_tables(session, "2022")) == 2
        told = select(AuditEvent.detail).where(AuditEvent.action == "withdraw table")
        assert "Fel kommun i rubriken" in session.scalars(told).one()


@pytest.fixture
def approved(session: Session, add_wave) -> int:
    """The number of an approved table of real answers, asked for by anna."""
    add_wave(session, "2022", ("0114",), synthetic=False)
    now = datetime(2022, 11, 1, tzinfo=UTC)
    release = Release(wave_code="2022", version=1, synthetic=False, created_at=now, created_by="tests")
    release.manifest = "{}"
    session.add(release)
    session.flush()
    asked = {"wave_code": "2022", "kind": "table", "release_id": release.id}
    question = '{"item": "unsafe_evening", "by": ["gender"], "where": []}'
    request = TableRequest(**asked, question=question, purpose="", state="computed", asked_by="anna")
    request.asked_at = now
    session.add(request)
    session.flush()
    words = {"item": "unsafe_evening", "divided_by": "gender", "limited_to": "", "title": "", "words": "{}"}
    session.add(RequestedTable(**asked, **words, request_id=request.id, audience="public", approved_at=now))
    session.flush()
    request.state, request.decided_by, request.decided_at = "approved", "bo", now
    session.flush()
    return request.id


def test_of_real_answers_one_asks_for_a_withdrawal_and_another_carries_it_out(
    session: Session, approved: int
) -> None:
    with pytest.raises(UserError, match="ingen godkänd tabell"):
        table_withdrawals.ask(session, approved + 1, "Fel", by="bo", two_persons=True)
    assert not table_withdrawals.ask(session, approved, "Fel grupp", by="bo", two_persons=True)
    found = table_withdrawals.withdrawal_of(session, approved)
    assert found is not None
    assert [one.state_words for one in list_requests(session)] == ["godkänd, väntar på att dras tillbaka"]
    assert (found.reason, found.asked_by, found.done) == ("Fel grupp", "bo", False)
    with pytest.raises(Conflict, match="bo har redan begärt"):
        table_withdrawals.ask(session, approved, "Fel", by="anna", two_persons=True)
    with pytest.raises(UserError, match="En annan person"):
        table_withdrawals.approve(session, approved, by="Bo")
    with pytest.raises(Conflict, match="har ändrats"):
        table_withdrawals.approve(session, approved, by="anna", asked="another")
    # Let stand, it may be asked again; one person is enough where the operator wants no more.
    table_withdrawals.decline(session, approved, by="bo", asked=found.key)
    with pytest.raises(Conflict):
        table_withdrawals.approve(session, approved, by="anna")
    assert not table_withdrawals.ask(session, approved, "Fel grupp", by="bo", two_persons=True)
    table_withdrawals.approve(session, approved, by="anna")
    done = table_withdrawals.withdrawal_of(session, approved)
    assert done is not None
    assert (done.decided_by, done.done) == ("anna", True)
    assert [one.state_words for one in list_requests(session)] == ["tillbakadragen"]
    with pytest.raises(Conflict, match="redan tillbakadragen"):
        table_withdrawals.ask(session, approved, "Fel", by="anna", two_persons=False)
    with pytest.raises(Conflict):
        table_withdrawals.decline(session, approved, by="anna")
    for forbidden in (update(TableWithdrawal).values(reason="another"), delete(TableWithdrawal)):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(forbidden)


def test_one_person_withdraws_where_the_operator_wants_no_more(session: Session, approved: int) -> None:
    assert table_withdrawals.ask(session, approved, "Fel grupp", by="bo", two_persons=False)
