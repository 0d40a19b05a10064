"""A small browser for the simulated residents who answer over HTTP: cookies, redirects and plain forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

_TIMEOUT = 30.0


@dataclass
class Form:
    """A form on a page: where it goes, what it already holds, what may be chosen."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)  # hidden and typed fields, no buttons
    choices: dict[str, list[str]] = field(default_factory=dict)  # radio buttons and lists

    @property
    def names(self) -> set[str]:
        return {*self.values, *self.choices}


@dataclass(frozen=True)
class Page:
    """A page that was fetched."""

    url: str
    html: str
    forms: tuple[Form, ...]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def main_form(self) -> Form:
        """The form that sends the page itself on, not the ones that change language or leave."""
        for form in self.forms:
            if form.method == "post" and urlsplit(urljoin(self.url, form.action)).path == self.path:
                return form
        raise ValueError(f"the page {self.path} has no form to go on with")


class Browser:
    """One resident's browser; a new one has no cookies."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        # No proxy: the server is this machine's own.
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def open(self, path: str) -> Page:
        """Fetch a page."""
        return self._fetch(Request(urljoin(self._base_url, path)))  # noqa: S310 - always the own server

    def submit(self, page: Page, form: Form, answers: Mapping[str, str]) -> Page:
        """Fill in and send a form; what is not among the answers keeps its value, choices stay unmade."""
        fields = {**form.values, **{name: answers[name] for name in form.names if name in answers}}
        fields = {name: value for name, value in fields.items() if name not in form.choices or value}
        target = urljoin(page.url, form.action)
        if form.method == "get":
            return self._fetch(Request(f"{target}?{urlencode(fields)}"))  # noqa: S310
        return self._fetch(Request(target, data=urlencode(fields).encode()))  # noqa: S310

    def _fetch(self, request: Request) -> Page:
        with self._opener.open(request, timeout=_TIMEOUT) as answer:
            html = answer.read().decode("utf-8")
            reader = _FormReader()
            reader.feed(html)
            return Page(answer.url, html, tuple(reader.forms))


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._list: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(found.get("action", ""), found.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(self._open, tag, found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._list = None

    def _field(self, form: Form, tag: str, found: Mapping[str, str]) -> None:
        name = found.get("name", "")
        if tag == "select":
            self._list = name
            form.choices.setdefault(name, [])
        elif tag == "option" and self._list:
            form.choices[self._list].append(found.get("value", ""))
        elif name and tag == "input" and found.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(found.get("value", ""))
        elif name and (tag == "textarea" or (tag == "input" and found.get("type") != "submit")):
            form.values.setdefault(name, found.get("value", ""))
