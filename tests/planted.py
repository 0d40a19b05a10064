"""Looks for planted secrets wherever they may have gone: pages, files of every kind, databases, logs."""

import gzip
import html
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

import every_page
import pypdfium2
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import BuildError
from werkzeug.test import TestResponse

MOST_OF_A_KIND = 3
DEAR = ("analyst.questionnaire_form",)  # the same for everybody, and seconds to make: only when named
Found = dict[str, set[str]]  # kind of secret -> places where it was found


@dataclass
class Search:
    """The secrets by kind, each in the forms it may be written in, and where they have been found."""

    secrets: Mapping[str, tuple[str, ...]]
    found: Found = field(default_factory=lambda: defaultdict(set))
    looked_at: list[str] = field(default_factory=list)
    unmarked: set[str] = field(default_factory=set)  # pages that do not say that answers are simulated

    def look(self, place: str, content: bytes) -> None:
        """Search what stands at a place."""
        self.looked_at.append(place)
        seen = [layer.lower() for layer in layers(content)]
        for kind, forms in self.secrets.items():
            if any(needle in layer for form in forms for needle in _needles(form) for layer in seen):
                self.found[kind].add(place)

    def look_at_files(self, folder: Path, places: Mapping[str, str]) -> None:
        """Search every file; its place is that of the first pattern its path fits, else its name."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = str(path.relative_to(folder))
                place = next((place for pattern, place in places.items() if re.search(pattern, name)), name)
                self.look(place, path.read_bytes())


def layers(content: bytes) -> Iterator[bytes]:
    """The content as it is and as a reader would see it: unescaped, unpacked, the text of a PDF."""
    yield content
    yield unquote_to_bytes(content)
    yield html.unescape(content.decode("utf-8", "replace")).encode()
    yield content.decode("utf-16-le", "replace").encode()
    if content.startswith(b"%PDF"):
        yield _pdf_text(content)
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(content)) as packed:
            for name in packed.namelist():
                yield from layers(packed.read(name))
    if content.startswith(b"\x1f\x8b"):
        yield from layers(gzip.decompress(content))


def _pdf_text(content: bytes) -> bytes:
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    # A line may be broken anywhere in a name.
    return "\n".join([*pages, *(re.sub(r"\s+", "", page) for page in pages)]).encode()


def _needles(form: str) -> set[bytes]:
    """What to look for in bytes that have been lowered, which leaves letters beyond A to Z as they were."""
    written = {form, form.encode("unicode_escape").decode(), quote(form), re.sub(r"\s+", "", form)}
    cases = {case for one in written for case in (one, one.lower(), one.upper())}
    return {one.encode(encoding).lower() for one in cases for encoding in ("utf-8", "latin-1")}


def crawl(
    app: Flask,
    client: FlaskClient,
    values: Mapping[str, tuple[str, ...]],
    first: Sequence[str] = (),
    most: int = MOST_OF_A_KIND,
) -> Iterator[tuple[str, bytes]]:
    """Every kind of page a browser can open: some first, by addresses that can be built, by links from there.

    Yields the name of the page and its whole answer, headers with it. Of one kind, as of questionnaires in
    every language, at most `most` are opened, and one when whoever asks is refused.
    """
    waiting, seen, kinds = [*first, *_addresses(app, values)], set[str](), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = endpoint_of(app, address)
        if address in seen or kinds[kind] >= most or (kind in DEAR and address not in first):
            continue
        seen.add(address)
        kinds[kind] += 1
        with client.get(address) as page:
            every_page.holds(page, address)
            yield f"page {kind}", answer_of(page)
            if page.status_code == 403:
                kinds[kind] = most
            if page.mimetype == "text/html":
                waiting += _links(address, page.text)


def answer_of(page: TestResponse) -> bytes:
    """Headers and body."""
    return str(page.headers).encode() + page.data


def endpoint_of(app: Flask, address: str) -> str:
    endpoint, _ = app.url_map.bind("localhost").match(urlsplit(address).path, "GET")
    return str(endpoint)


def _addresses(app: Flask, values: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        chosen: list[dict[str, str]] = [{}]
        for name in sorted(rule.arguments):
            chosen = [{**one, name: value} for one in chosen for value in values.get(name, ())]
        for given in chosen:
            try:
                yield adapter.build(rule.endpoint, given, method="GET")
            except BuildError:
                continue


def _links(address: str, text: str) -> Iterator[str]:
    for link in re.findall(r'(?:href|src)="([^"#]+)', text):
        target = urlsplit(urljoin(f"http://localhost{address}", html.unescape(link)))
        if target.netloc == "localhost" and not target.path.startswith("/static/"):
            yield target.path + (f"?{target.query}" if target.query else "")
