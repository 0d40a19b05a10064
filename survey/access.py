"""Who may open what: every page names its permission, and what names none is closed."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.sansio.app import App
from flask.typing import ResponseReturnValue
from itsdangerous import Signer
from sqlalchemy.orm import Session
from werkzeug.routing import BaseConverter

from survey import audit, clock, database, pace, receiving, unsaved
from survey.cookie_session import SignedSessions
from survey.errors import UserError
from survey.form_tokens import FormTokens
from survey.models.account import Account
from survey.permissions import Permission, role_may
from survey.preparation import accounts
from survey.preparation.districts import covered_by
from survey.preparation.login_attempts import begin_login

View = TypeVar("View", bound=Callable[..., object])
Guard = Callable[[], ResponseReturnValue | None]
STAFF_KEY = "staff"
# What the libraries sign by themselves (forms' tokens) follows the same rule as the session's cookie.
Signer.default_digest_method = staticmethod(hashlib.sha256)


class CodeConverter(BaseConverter):
    """Codes, page ids and tokens in addresses: anything else is no address of ours."""

    regex = r"[0-9A-Za-z_-]{1,100}"


@dataclass(frozen=True)
class Staff:
    """The member of staff who is logged in."""

    email: str
    role: str
    municipality_code: str | None
    district_code: str | None = None
    covered: frozenset[str] = frozenset()  # municipalities that the district covers today
    inside: bool = True  # False after the password, until the second factor is given too

    def may(self, permission: Permission) -> bool:
        return self.inside and role_may(self.role, permission)

    def may_see(self, municipality_code: str) -> bool:
        everywhere = self.may(Permission.SEE_EVERY_MUNICIPALITY) or self.may(Permission.PLAN_WAVES)
        return everywhere or municipality_code == self.municipality_code or municipality_code in self.covered


def init_app(app: Flask) -> None:
    """Check every request before its view; forms carry a token of the session that opened them."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-trygg" if app.config.get("SESSION_COOKIE_SECURE") else "trygg",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # it asks for the Referer, which our pages tell browsers to withhold
        MAX_FORM_PARTS=200,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
    )
    app.session_interface = SignedSessions()
    app.url_map.converters["code"] = CodeConverter
    app.before_request(check)
    FormTokens().init_app(app)
    requires(Permission.PUBLIC)(app.view_functions["static"])
    app.context_processor(lambda: {"current_staff": current_staff, "Permission": Permission})


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare the permission of a view; put it below the route."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return declare


def keep_door(app: App, permission: Permission, guard: Guard) -> None:
    """Let a room decide by itself who holds a permission: the guard answers None to let the person in."""
    app.extensions.setdefault("doors", {})[permission] = guard


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """The permission an endpoint declares; None when it declares none and is therefore closed."""
    return getattr(app.view_functions.get(endpoint), "permission", None)


def check() -> ResponseReturnValue | None:
    """Stop whoever may not open the page."""
    endpoint = request.endpoint
    if endpoint is None or request.routing_exception is not None:
        return None  # no such page: the router answers
    permission = permission_of(current_app, endpoint)
    if permission is None:
        abort(403)
    if permission is Permission.PUBLIC:
        return None
    guard = current_app.extensions.get("doors", {}).get(permission, lambda: _check_staff(permission))
    answer: ResponseReturnValue | None = guard()
    if answer is None:
        # Only now: whoever may not open the page sends no large file.
        receiving.prepare(current_app.view_functions.get(endpoint))
    return answer


def _check_staff(permission: Permission) -> ResponseReturnValue | None:
    staff = current_staff()
    if staff is not None and not staff.inside:
        return redirect(url_for("login.second_factor"), 303)
    if staff is None:
        return _log_in_first()
    code = (request.view_args or {}).get("municipality_code")
    if not staff.may(permission) or (code is not None and not staff.may_see(code)):
        note("refused", f"{request.method} {request.endpoint} {code or ''}".strip())
        abort(403)
    return None


def _log_in_first() -> ResponseReturnValue:
    """To the login; whoever sent texts after their login had ended gets them back first."""
    receiving.make_room_for_texts(current_app.view_functions[request.endpoint or ""])
    target = request.full_path if request.method == "GET" and request.args else request.path
    login = url_for("login.login", next=target)
    if texts := unsaved.written_texts():
        return unsaved.page(unsaved.LOGGED_OUT, texts, login), 401
    return redirect(login, 303)


def note(action: str, subject: str) -> None:
    """Record what the member of staff at hand did that changes nothing: a download, a look at the log."""
    with database.transaction() as open_session:
        audit.record(open_session, own_email(), action, subject)


def current_staff() -> Staff | None:
    """Who is logged in, asked once a request."""
    if "staff" not in g:
        g.staff = _find_staff()
    found: Staff | None = g.staff
    return found


def prove_password(email: str, password: str) -> Account | None:
    """The account, or None when address and password do not belong together; at the pace of logins.

    Raises:
        TooManyLogins: the account or the network has tried too often.
    """
    secret = str(current_app.config["SECRET_KEY"])
    with database.transaction() as open_session:
        attempt = begin_login(open_session, email, request.remote_addr, secret, time.time())
    # The slow comparison runs between two transactions, so that nobody's writing waits for it.
    with database.reading() as open_session:
        account = accounts.authenticate(open_session, email, password)
    with database.transaction() as open_session:
        if account is None:
            accounts.record_failed_login(open_session, email)
        else:
            pace.succeed(open_session, attempt)
    return account


def own_email() -> str:
    """Who acts, for the audit log; the door has seen to it that somebody is logged in."""
    staff = current_staff()
    if staff is None:
        raise UserError("Logga in för att fortsätta.")
    return staff.email


def log_in(email: str, password: str) -> Staff | None:
    """Open a session for the account, or None when address and password do not belong together.

    Raises:
        TooManyLogins: the account or the network has tried too often.
    """
    account = prove_password(email, password)
    if account is None:
        return None
    with database.transaction() as open_session:
        key = accounts.open_staff_session(open_session, account, datetime.now(UTC))
        audit.record(open_session, account.email, "log in", account.email)
        staff = _staff(open_session, account, inside=not _asks_twice())
    # A new session: nothing that stood in the cookie before the login is carried over.
    session.clear()
    session[STAFF_KEY] = key
    g.staff = staff
    return staff


def log_out() -> None:
    """End the session on the server and forget it in the browser."""
    key = session.get(STAFF_KEY)
    session.clear()
    g.staff = None
    if key:
        with database.transaction() as open_session:
            accounts.end_staff_session(open_session, key)


def _find_staff() -> Staff | None:
    key, now = session.get(STAFF_KEY), datetime.now(UTC)
    if not key:
        return None
    with database.reading() as open_session:
        found = accounts.find_staff_session(open_session, key, now)
        if found is None:
            return None
        account, given, fading = found
        staff = _staff(open_session, account, inside=given or not _asks_twice())
    if fading:
        with database.transaction() as open_session:
            accounts.keep_awake(open_session, key, now)
    return staff


def _staff(open_session: Session, account: Account, *, inside: bool) -> Staff:
    district = account.district_code
    covered = covered_by(open_session, district, clock.today()) if district else frozenset[str]()
    return Staff(account.email, account.role, account.municipality_code, district, covered, inside)


def _asks_twice() -> bool:
    asks: bool = current_app.extensions["settings"].second_factor
    return asks


def forget_staff() -> None:
    """Have the account asked for anew, after its login has come further."""
    g.pop("staff", None)


def session_key() -> str | None:
    """The key of the staff session in this browser."""
    key: str | None = session.get(STAFF_KEY)
    return key
