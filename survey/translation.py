"""The language of the page at hand, and its words in templates and messages."""

import re
from datetime import date
from typing import Any

from flask import Flask, current_app, g, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from werkzeug import Response

from survey import languages
from survey.languages import SOURCE, Language

COOKIE_NAME = "COOKIE_OF_LANGUAGE"  # where the application keeps what its cookie is called
# Rooms of those who work with the survey, and of programs: only Swedish is spoken there.
STAFF_ROOMS = ("login", "municipality", "partners", "analyst", "admin", "api")
INTERVAL = re.compile(r"(\([\d,−]+–[\d,]+\)|\d+–\d+\sår)")
NBSP = "\u00a0"
DRAFTS = "drafts of languages"  # where the application keeps whether drafts may be shown now


def init_app(app: Flask) -> None:
    """Put gettext into the templates and remember the language a resident chooses."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    install: Any = app.jinja_env
    install.install_gettext_callables(gettext=gettext, ngettext=ngettext, newstyle=True)
    app.jinja_env.globals["STAFF_ROOMS"] = STAFF_ROOMS
    app.jinja_env.filters["translated"] = _translated
    app.jinja_env.filters["day"] = _day
    app.jinja_env.filters["phone"] = phone_link
    app.jinja_env.filters["unbroken"] = _unbroken
    app.jinja_env.filters["number"] = lambda number: languages.format_number(current_language().code, number)
    app.extensions.setdefault(DRAFTS, lambda: False)
    app.config[COOKIE_NAME] = "__Host-sprak" if app.config.get("SESSION_COOKIE_SECURE") else "sprak"
    app.context_processor(_language_words)
    app.after_request(_remember)


def current_language() -> Language:
    """Staff read Swedish; residents the language they chose, on this page or before."""
    found: Language | None = g.get("language")
    if found is None:
        found = g.language = _find_language()
    return found


def gettext(text: str) -> str:
    """A Swedish text in the language of the page."""
    return languages.translate(current_language().code, text)


def phone_link(number: str) -> Markup:
    """A telephone number to tap; written from left to right in every language."""
    dialled = "".join(sign for sign in number if sign in "+0123456789")
    return Markup('<a class="number" dir="ltr" href="tel:{}">{}</a>').format(dialled, number)


def _day(day: date | str) -> str:
    """A day in words, on one line; what is kept as JSON has its days in ISO form."""
    given = date.fromisoformat(day) if isinstance(day, str) else day
    return languages.format_date(current_language().code, given).replace(" ", NBSP)


def _unbroken(text: str) -> Markup:
    """A sentence whose intervals stay on one line: by style, so that what is copied is the same."""
    parts = INTERVAL.split(text)
    whole = Markup('<span class="figure">{}</span>')
    return Markup("").join(whole.format(part) if at % 2 else part for at, part in enumerate(parts))


@pass_context
def _translated(context: Context, text: str) -> str:
    # From the page's own words: hundreds of texts on a page would each look the request up.
    language: Language = context["language"]
    return languages.translate(language.code, text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of a counted Swedish text in the language of the page."""
    return languages.ngettext(current_language().code, singular, plural, count)


def offered_languages(synthetic: bool = True) -> list[Language]:
    """What a resident may choose now; a page of a real wave says so and asks no further."""
    return languages.offered(drafts=synthetic and _drafts_are_shown())


def _drafts_are_shown() -> bool:
    if "drafts" not in g:
        g.drafts = bool(current_app.extensions[DRAFTS]())
    return bool(g.drafts)


def _find_language() -> Language:
    # An unknown address belongs to no room: whoever meets it gets the language of the cookie.
    if request.blueprint in STAFF_ROOMS:
        return SOURCE
    asked, kept = _asked_language(), request.cookies.get(current_app.config[COOKIE_NAME])
    found = languages.find_language(asked if asked in languages.LANGUAGES else kept)
    return found if languages.is_offered(found) or _drafts_are_shown() else SOURCE


def forget_language(response: Response) -> None:
    """Leave nothing in the browser that tells what was read here."""
    response.delete_cookie(
        current_app.config[COOKIE_NAME], secure=bool(current_app.config.get("SESSION_COOKIE_SECURE"))
    )


def _language_words() -> dict[str, object]:
    return {"language": current_language(), "offered_languages": offered_languages, "source": SOURCE}


def _asked_language() -> str | None:
    return request.args.get("language") if request.query_string else None


def _remember(response: Response) -> Response:
    asked = _asked_language()
    if asked and asked == current_language().code and request.blueprint not in STAFF_ROOMS:
        response.set_cookie(
            current_app.config[COOKIE_NAME],
            asked,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
        )
    return response
