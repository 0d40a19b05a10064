"""The language that a report speaks: Swedish unless it is asked for in another."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from survey import languages
from survey.languages import SOURCE

REPORTED = (SOURCE.code, "en")  # the languages that reports are made in
DOMAIN = "report"  # texts of reports have a catalogue of their own: no resident language has to hold them
_spoken: ContextVar[str] = ContextVar("language of the report", default=SOURCE.code)


def language() -> str:
    """The code of the language spoken now."""
    return _spoken.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(before)


def say(text: str, **values: object) -> str:
    """A Swedish text in the language spoken now, its gaps filled, as in "%(count)s av %(all)s mått"."""
    said = text if language() == SOURCE.code else _said(text)
    return said % values if values else said


def _said(text: str) -> str:
    """From the catalogue of reports; names of measures and questions from that of residents."""
    code = language()
    found = languages.catalogue(code, DOMAIN).gettext(text) if text else ""
    return found if found != text else languages.translate(code, text)
