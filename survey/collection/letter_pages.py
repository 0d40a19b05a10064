"""The pages of a mailing: letters and cards as one document, with what must be read back from each page."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from sqlalchemy.orm import Session

from survey.collection import form_numbers
from survey.collection.addresses import Address, address_of
from survey.collection.form_sheets import FormSheets
from survey.collection.invitations import Credentials
from survey.collection.mailings import text_of
from survey.collection.proofs import Expected
from survey.collection.usual_mailings import USUAL
from survey.config import ROOT, Settings
from survey.languages import SOURCE, Language, format_date, offered, translate
from survey.models.area import Area
from survey.models.contact import Contact
from survey.models.mailing import MailingKind
from survey.models.municipality import Municipality
from survey.models.wave import Stratum, Wave
from survey.notice import NOTICE
from survey.preparation.local_questions import questionnaire_in
from survey.preparation.logos import find_logo
from survey.preparation.senders import find_sender
from survey.typesetting import Stylesheet, lay_under, load_stylesheet, missing_characters, qr_drawing, typeset

TEMPLATES = ROOT / "templates" / "letter"
LOGO = "picture:logo"
FONTS = ("inter-400", "inter-600", "inter-ext-400", "inter-ext-600", "noto-sans-arabic-400")


@dataclass(frozen=True, repr=False)
class Piece:
    """What one person is sent; lives until the file is written. A card has no code."""

    reference: str
    address: Address
    code: str
    qr_address: str
    form_number: str

    @property
    def qr(self) -> str:
        return qr_drawing(self.qr_address, "QR-kod till formuläret")


def piece(contact: Contact, made: Credentials | None, base_url: str) -> Piece:
    """What is sent to a contact, with its credentials."""
    found = address_of(contact)
    address = Address(_printable(found.name), _printable(found.street), _printable(found.place), found.size)
    return Piece(
        reference=f"{contact.reference[:5]}-{contact.reference[5:]}",
        address=address,
        code=str(made.code) if made else "",
        qr_address=f"{base_url}/s/{made.qr_token}" if made else "",
        form_number=form_numbers.shown(made.form_id) if made and made.form_id else "",
    )


@dataclass(frozen=True)
class Pages:
    """The pages of an area's mailing: the same words for everybody, and what differs."""

    kind: MailingKind
    words: dict[str, Any]
    sheets: FormSheets | None
    pictures: Mapping[str, tuple[str, bytes]]

    def typeset(self, pieces: Sequence[Piece]) -> bytes:
        """The document of some persons; of a letter, what is the same for all is typeset once."""
        if self.kind is MailingKind.CARD:
            return typeset(
                _template("card.xhtml").render(**self.words, pieces=pieces), _stylesheet("card.css")
            )
        style, sheets = _stylesheet("letter.css"), self.sheets
        common = typeset(_template("letter.xhtml").render(**self.words), style, self.pictures)
        persons = _template("person.xhtml").render(
            **self.words,
            pieces=pieces,
            form_pages=sheets.pages if sheets else 0,
            form_direction=sheets.direction if sheets else "",
            form_code=self._form_code,
        )
        return lay_under(typeset(persons, style), [common, *([sheets.blank] if sheets else [])])

    def _form_code(self, number: str) -> str:
        return qr_drawing(self.sheets.mark(number), "QR-kod med formulärets nummer") if self.sheets else ""

    def expected(self, pieces: Sequence[Piece]) -> list[Expected]:
        """What must be read back from each page of it."""
        return [page for one in pieces for page in self._expected(one)]

    def _expected(self, one: Piece) -> Iterator[Expected]:
        if self.kind is MailingKind.CARD:
            yield Expected((), "")
            yield Expected(one.address.lines, "")
            return
        yield Expected((*one.address.lines, one.reference, one.code), one.qr_address)
        for number in range(self.sheets.pages if self.sheets else 0):
            code = self.sheets.mark(one.form_number) if self.sheets and number == 0 else ""
            # Of a page from right to left the reader may give the halves of a number in the other order.
            backwards = self.sheets is not None and self.sheets.direction == "rtl"
            yield Expected(tuple(one.form_number.split("-")) if backwards else (one.form_number,), code)


def pages_of(
    session: Session,
    wave: Wave,
    area: Area,
    settings: Settings,
    today: date,
    kind: MailingKind,
    form_language: Language = SOURCE,
) -> Pages:
    """The pages of a mailing in an area."""
    municipality = session.get_one(Municipality, area.municipality_code)
    asked = kind is MailingKind.FORM
    sheets = FormSheets.of(session, wave, municipality.code, form_language) if asked else None
    logo = find_logo(session, wave.code, municipality.code)
    pictures = {LOGO: (logo.mime_type, logo.content)} if logo else {}
    words = {
        "notice": NOTICE,
        "wave": wave,
        "area": area,
        "municipality": municipality,
        "sender": find_sender(session, wave.code, municipality.code),
        "logo": LOGO if logo else "",
        "drawn": session.get_one(Stratum, (wave.code, area.code)).sampled,
        "heading": USUAL[kind].heading,
        "text": _printable(text_of(session, wave.code, kind)),
        "shown_address": settings.base_url.removeprefix("https://"),
        # Printed ahead of the field period, a letter is dated its first day.
        "dated": format_date(SOURCE.code, min(max(today, wave.field_start), wave.field_end)),
        "last_day": {language.code: format_date(language.code, wave.field_end) for language in offered()},
        # Easy Swedish needs no line of its own: the letter is in Swedish.
        "languages": [found for found in offered() if found.locale.language != SOURCE.locale.language],
        "phone": settings.help_phone,
        "own_words": bool(questionnaire_in(session, wave, municipality.code).free_texts),
    }
    return Pages(kind, words, sheets, pictures)


def _printable(text: str) -> str:
    """Signs that the letter's fonts lack, without their accents or as a question mark.

    One name must not stop an area's letters.
    """
    missing = missing_characters(text, _font_files())
    return text.translate({ord(sign): _plainer(sign) for sign in missing})


def _plainer(sign: str) -> str:
    letter = unicodedata.normalize("NFKD", sign)[0]
    return "?" if missing_characters(letter, _font_files()) else letter


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    # Each line stands in a language of its own: marked with _, it is translated where it is written.
    environment.globals["_"] = str
    environment.filters["in_language"] = _in_language
    environment.filters["printable"] = _printable
    return environment.get_template(name)


def _in_language(text: str, code: str, **values: str) -> str:
    return translate(code, text) % values


@cache
def _stylesheet(name: str) -> Stylesheet:
    return load_stylesheet((TEMPLATES / name).read_text(encoding="utf-8"), _font_files())


@cache
def _font_files() -> dict[str, Path]:
    return {f"font:{name}": ROOT / "static" / "fonts" / f"{name}.woff2" for name in FONTS}
