"""Golden cases as reports, each made once for all tests."""

from datetime import date
from functools import cache, cached_property
from io import BytesIO

import golden
import pikepdf
import pypdfium2

from survey.publication.content import MunicipalityReport
from survey.publication.downloads.tables import released_table
from survey.publication.payload import build_payload
from survey.publication.receipt import Receipt
from survey.publication.report.rendering import render

PROMISE = Receipt(
    *(1, "0182", "Ljusare vägar", "sv", "Mörkt", "Gatuchefen", "", ()),
    *(date(2023, 1, 1), "1 februari 2023", "Andelen ska vara högst 30 procent.", "tertial 1 2023"),
    *(date(2023, 4, 30), "cannot_tell", "Går inte att säga", ("Siffran är för osäker.",), ()),
    kind="survey",
    ground="",
)


class Golden:
    """A golden case: its report, its PDF, and the PDF's text by page."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.released = golden.CASES[name]()
        self.report: MunicipalityReport = build_payload(self.released)
        self.table = released_table(self.released)

    @cached_property
    def pdf(self) -> bytes:
        return render(self.report, self.table)

    @cached_property
    def pages(self) -> list[str]:
        document = pypdfium2.PdfDocument(self.pdf)
        try:
            return [page.get_textpage().get_text_range() for page in document]
        finally:
            document.close()

    @property
    def text(self) -> str:
        return "\n".join(self.pages)

    def open(self) -> pikepdf.Pdf:
        return pikepdf.open(BytesIO(self.pdf))


@cache
def golden_case(name: str) -> Golden:
    return Golden(name)
