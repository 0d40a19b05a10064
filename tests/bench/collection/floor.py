"""The floor: the least that a Flask application does for the same questionnaire without cheating.

A signed session with a token against forged forms, every answer checked against the page's options, a page's
answers in one durable transaction before the next page is shown, earlier answers shown again, one submission.
Plain SQL and one connection a thread; no accounts, no languages, no path, no limits, no log. The environment
names its store.
"""

import hmac
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg
from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader

from survey.questionnaire.definition import Page, Questionnaire, parse

STORE = "FLOOR_STORE"
FILE = Path(__file__).with_name("eight_pages.yaml")
TABLES = (
    "CREATE TABLE letter (token TEXT PRIMARY KEY, page INTEGER, submitted INTEGER)",
    "CREATE TABLE answers (token TEXT, page INTEGER, given TEXT, PRIMARY KEY (token, page))",
)
KEEP = "INSERT INTO answers VALUES (?, ?, ?) ON CONFLICT (token, page) DO UPDATE SET given = excluded.given"
LAYOUT = """<!doctype html>
<html lang="sv"><head><meta charset="utf-8"><title>{{ form.title }}</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/site.css"></head>
<body><header><p>{{ form.title }}</p></header><main>%s</main></body></html>"""
TEXTS = {
    "start.html": """<h1>Hur tryggt är det där du bor?</h1><form method="post" action="/start">
<input type="hidden" name="csrf" value="{{ csrf }}"><button>Starta</button></form>""",
    "page.html": """<p>Del {{ number }} av {{ form.pages | length }}</p><h1>{{ page.title }}</h1>
{% if page.period %}<p>{{ page.period }}</p>{% endif %}<form method="post" action="/fraga/{{ number }}">
<input type="hidden" name="csrf" value="{{ csrf }}">
{% for question in page.questions %}<fieldset id="{{ question.id }}"><legend>
{%- if question.stem %}<span>{{ question.stem }}</span> {% endif %}{{ question.text }}</legend>
{% for option in question.options %}<label>
<input type="radio" name="{{ question.id }}" value="{{ option.code }}"
{%- if kept.get(question.id) == option.code %} checked{% endif %}> <span>{{ option.text }}</span></label>
{% endfor %}</fieldset>
{% endfor %}<button>Spara och fortsätt</button></form>""",
    "receipt.html": "<h1>Tack, klart!</h1><p>Det du skickade har kommit fram.</p>",
}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
blueprint = Blueprint("floor", __name__)


class Store:
    """Letters and answers in one database, by plain SQL; each thread keeps a connection."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._postgresql = address.startswith("postgresql")
        self._of_thread = threading.local()

    def create(self, tokens: Sequence[str]) -> None:
        """An empty store with these letters."""
        if not self._postgresql:
            self._connection().execute("PRAGMA journal_mode=WAL")
        with self.transaction() as cursor:
            for table in TABLES:
                cursor.execute(table)
            cursor.executemany(self._sql("INSERT INTO letter (token) VALUES (?)"), [(one,) for one in tokens])

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """All of it on disk, or nothing."""
        cursor = self._connection().cursor()
        cursor.execute("BEGIN" if self._postgresql else "BEGIN IMMEDIATE")
        try:
            yield cursor
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")

    def run(self, sql: str, *values: object, cursor: Any = None) -> Any:
        return (cursor or self._connection()).execute(self._sql(sql), values)

    def submitted(self) -> dict[str, dict[str, str]]:
        """The answers of each letter that was handed in."""
        found: dict[str, dict[str, str]] = {}
        rows = "SELECT token, given FROM answers JOIN letter USING (token) WHERE submitted = 1"
        for token, given in self.run(rows):
            found.setdefault(token, {}).update(orjson.loads(given))
        return found

    def close(self) -> None:
        self._connection().close()
        del self._of_thread.connection

    def _sql(self, sql: str) -> str:
        return sql.replace("?", "%s") if self._postgresql else sql

    def _connection(self) -> Any:
        if not hasattr(self._of_thread, "connection"):
            if self._postgresql:
                self._of_thread.connection = psycopg.connect(self._address, autocommit=True)
            else:
                opened = sqlite3.connect(self._address, timeout=30, isolation_level=None)
                opened.execute("PRAGMA synchronous=FULL")
                self._of_thread.connection = opened
        return self._of_thread.connection


def create_app() -> Flask:
    """The floor on the store of the environment."""
    app = Flask("floor")
    app.secret_key = "the floor keeps nothing secret"
    app.extensions["store"] = Store(os.environ[STORE])
    app.jinja_loader = DictLoader({name: LAYOUT % text for name, text in TEXTS.items()})
    app.jinja_env.globals["form"] = parse(FILE.read_text(encoding="utf-8"), FILE.name)
    app.register_blueprint(blueprint)
    return app


@blueprint.before_request
def check_token() -> None:
    given = request.form.get("csrf", "")
    if request.method == "POST" and not hmac.compare_digest(session.get("csrf", "-"), given):
        abort(400)


@blueprint.after_request
def protect(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


@blueprint.get("/s/<token>")
def start(token: str) -> ResponseReturnValue:
    found = _store().run("SELECT submitted FROM letter WHERE token = ?", token).fetchone()
    if found is None or found[0]:
        abort(404 if found is None else 410)
    session.clear()
    session.update(token=token, csrf=secrets.token_urlsafe(16))
    return render_template("start.html", csrf=session["csrf"])


@blueprint.post("/start")
def begin() -> ResponseReturnValue:
    return redirect("/fraga/1", 303)


@blueprint.get("/fraga/<int:number>")
def show(number: int) -> ResponseReturnValue:
    page = _page(number)
    query = "SELECT given FROM answers WHERE token = ? AND page = ?"
    found = _store().run(query, session["token"], number).fetchone()
    kept = orjson.loads(found[0]) if found else {}
    return render_template("page.html", csrf=session["csrf"], number=number, page=page, kept=kept)


@blueprint.post("/fraga/<int:number>")
def save(number: int) -> ResponseReturnValue:
    given = {}
    for question in _page(number).questions:
        given[question.id] = request.form.get(question.id, "")
        if given[question.id] and given[question.id] not in question.codes:
            abort(400)
    last = number == len(_form().pages)
    with _store().transaction() as cursor:
        change = "UPDATE letter SET page = ?, submitted = ? WHERE token = ? AND submitted IS NULL"
        _store().run(change, number, 1 if last else None, session["token"], cursor=cursor)
        if cursor.rowcount != 1:
            abort(409)
        _store().run(KEEP, session["token"], number, orjson.dumps(given).decode(), cursor=cursor)
    return redirect("/tack" if last else f"/fraga/{number + 1}", 303)


@blueprint.get("/tack")
def receipt() -> ResponseReturnValue:
    return render_template("receipt.html")


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _form() -> Questionnaire:
    form: Questionnaire = current_app.jinja_env.globals["form"]
    return form


def _page(number: int) -> Page:
    if "token" not in session or not 1 <= number <= len(_form().pages):
        abort(404)
    return _form().pages[number - 1]
