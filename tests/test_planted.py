"""The search for what is planted finds it however it got out, and the crawl goes wherever a link leads."""

import gzip
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from planted import Search, crawl

NAME = "Plantagenetström"


def leaks() -> dict[str, Callable[[Path], bytes]]:
    """Ways a name can get out."""

    def zipped(_: Path) -> bytes:
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("sheet.xml", f"<t>{NAME}</t>")
        return packed.getvalue()

    def printed(folder: Path) -> bytes:
        from weasyprint import HTML

        target = folder / "leak.pdf"
        HTML(string=f"<p>Till {NAME}</p>").write_pdf(target)
        return target.read_bytes()

    return {
        "plain": lambda _: f"... {NAME} ...".encode(),
        "other case": lambda _: NAME.upper().encode(),
        "escaped": lambda _: "".join(f"&#{ord(sign)};" for sign in NAME).encode(),
        "in an address": lambda _: b"/kommun/?namn=Plantagenetstr%C3%B6m",
        "in JSON": lambda _: b'{"name": "Plantagenetstr\\xf6m"}',
        "latin-1": lambda _: NAME.encode("latin-1"),
        "UTF-16": lambda _: NAME.encode("utf-16-le"),
        "compressed": lambda _: gzip.compress(NAME.encode()),
        "in a workbook": zipped,
        "in a PDF": printed,
    }


@pytest.mark.parametrize("way", leaks())
def test_the_search_finds_a_planted_leak(way: str, tmp_path: Path) -> None:
    search = Search({"name": (NAME,), "code": ("AB12-CD34-EF56",)})
    search.look("innocent", b"nothing here")
    search.look(way, leaks()[way](tmp_path))
    assert dict(search.found) == {"name": {way}}


def test_the_crawl_finds_a_page_that_leaks_and_is_only_linked_to(app: Flask) -> None:
    from survey.access import requires
    from survey.permissions import Permission

    def leaking() -> str:
        return f"<p>{NAME}</p>"

    def leading() -> str:
        return '<a href="/leck?sida=2">Mer</a>'

    app.add_url_rule("/leder", "leading", requires(Permission.PUBLIC)(leading))
    app.add_url_rule("/leck", "leaking", requires(Permission.PUBLIC)(leaking))
    search = Search({"name": (NAME,)})
    for place, content in crawl(app, app.test_client(), {}):
        search.look(place, content)
    assert dict(search.found) == {"name": {"page leaking"}}
    assert search.looked_at.count("page leaking") == 2
