"""What staff do without changing anything is in the audit log too: logins, refusals, downloads."""

from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from sqlalchemy import select
from staff import ANALYST, PASSWORD, add_account, log_in, logged_in

from survey.database import Databases
from survey.models.audit_event import AuditEvent


def noted(app: Flask) -> list[tuple[str, str, str]]:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        return [(event.actor, event.action, event.subject) for event in events]


def test_a_login_and_a_failed_one_are_kept_and_a_password_in_the_wrong_field_is_not(
    app: Flask, client: FlaskClient
) -> None:
    add_account(app, None)
    for email, password in ((ANALYST, "fel lösenord"), (PASSWORD, ANALYST), (ANALYST, PASSWORD)):
        client.post(
            "/inloggning", data={**hidden(client.get("/inloggning")), "email": email, "password": password}
        )
    assert noted(app)[-3:] == [
        ("", "failed login", ANALYST),
        ("", "failed login", "unknown account"),
        (ANALYST, "log in", ANALYST),
    ]
    assert PASSWORD not in str(noted(app))


def test_a_page_that_is_refused_is_kept_with_who_asked(app: Flask) -> None:
    desk = logged_in(app, role="help_desk")
    assert desk.get("/drift/konton").status_code == 403
    assert noted(app)[-1] == ("help_desk@example.se", "refused", "GET admin.account_list")
    # In the rooms of staff it is told in Swedish, whatever language a resident chose in this browser.
    desk.set_cookie("sprak", "ar")
    for address in ("/drift/konton", "/lagesbild/", "/analys/"):
        page = desk.get(address)
        assert page.status_code == 403
        assert '<html lang="sv" dir="ltr"' in page.text
        assert "css/staff.css" in page.text
        assert 'href="/inloggning"' in page.text


def test_reading_the_log_is_in_the_log(app: Flask) -> None:
    logged_in(app, role="data_protection").get("/drift/logg")
    assert noted(app)[-1] == ("data_protection@example.se", "read the audit log", "newest")


def test_a_stranger_who_is_sent_to_the_login_leaves_nothing(app: Flask, client: FlaskClient) -> None:
    assert client.get("/drift/konton").status_code == 303
    assert noted(app) == []
    add_account(app, None)
    assert log_in(client, ANALYST).status_code == 303
