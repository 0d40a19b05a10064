"""A file is read back before it is kept: what is not its row's stops it, and nothing is stored."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select
from tiny_wave import BY, CODE, TODAY

from survey.collection import invitations, letter_pages
from survey.collection.letter_pages import Pages, Piece, pages_of, piece
from survey.collection.letters import print_letters
from survey.collection.proofs import prove
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.area import Area
from survey.models.case import Case
from survey.models.contact import Contact
from survey.models.invitation import Invitation
from survey.models.mailing import MailedCase, Mailing, MailingKind
from survey.models.wave import Wave

AREA = "0187-01"
MM = 72 / 25.4
# Envelopes with a right-hand window: width, height, then the window from the right edge, the top, its size.
ENVELOPES = {"C5": (229, 162, 15, 44, 105, 35), "E65": (220, 110, 15, 40, 95, 30)}
FOLDED = {"C5": 148.5, "E65": 99.0}  # an A4 sheet folded to go in


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    return sqlite_databases


def made(
    databases: Databases, kind: MailingKind = MailingKind.LETTER, **changed: str
) -> tuple[Pages, list[Piece]]:
    """The pages of an area and what each of its persons is sent."""
    with databases.transaction() as session, databases.identity_transaction() as identity:
        cases = session.scalars(select(Case).where(Case.area_code == AREA).order_by(Case.id)).all()
        forms = kind is MailingKind.FORM
        issued = invitations.issue(session, [case.id for case in cases], TODAY, forms=forms)
        contacts = [identity.get_one(Contact, case.reference) for case in cases]
        for name, value in changed.items():
            setattr(contacts[0], name, value)
        wave, area = session.get_one(Wave, CODE), session.get_one(Area, AREA)
        pages = pages_of(session, wave, area, Settings(base_url="https://x.se"), TODAY, kind)
        session.expunge_all()
        pieces = [piece(contact, one, "https://x.se") for contact, one in zip(contacts, issued, strict=True)]
    return pages, pieces


@pytest.mark.parametrize("field", ["code", "qr_address", "reference"])
def test_a_letter_with_somebody_elses_code_stops_the_file(
    databases: Databases, cases: list[int], field: str
) -> None:
    pages, pieces = made(databases)
    pdf = pages.typeset(pieces)
    prove(pdf, pages.expected(pieces), "file.pdf")
    wrong = [replace(pieces[0], **{field: getattr(pieces[1], field)}), *pieces[1:]]
    with pytest.raises(UserError, match=r"file.pdf.*sidan 1 har"):
        prove(pdf, pages.expected(wrong), "file.pdf")


def test_letters_in_another_order_too_few_or_too_many_stop_the_file(
    databases: Databases, cases: list[int]
) -> None:
    pages, pieces = made(databases)
    pdf = pages.typeset(pieces)
    for expected, fault in (
        (pieces[::-1], "sidan 1 har"),
        (pieces[:-1], "sidan 4 finns inte i listan"),
        ([*pieces, pieces[0]], "1 sidor saknas"),
    ):
        with pytest.raises(UserError, match=fault):
            prove(pdf, pages.expected(expected), "file.pdf")


def test_the_words_of_a_stopped_file_hold_no_person(databases: Databases, cases: list[int]) -> None:
    pages, pieces = made(databases)
    with pytest.raises(UserError) as stopped:
        prove(pages.typeset(pieces), pages.expected(pieces[::-1]), "file.pdf")
    for one in pieces:
        for secret in (*one.address.lines[:2], one.code, one.qr_address, one.reference):
            assert secret not in str(stopped.value)


def test_a_misprinted_code_stops_the_printing_before_anything_is_stored(
    databases: Databases, cases: list[int], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = letter_pages.qr_drawing
    monkeypatch.setattr(letter_pages, "qr_drawing", lambda content, label: right(content + "x", label))
    with (
        pytest.raises(UserError, match="inte går att läsa eller hör till någon annan"),
        databases.transaction() as session,
        databases.identity_transaction() as identity,
    ):
        print_letters(session, identity, CODE, AREA, settings, TODAY, BY)
    assert not list(Path(settings.output).rglob("*.pdf"))
    with databases.reading() as session:
        assert not session.scalars(select(Invitation)).all()
        assert not session.scalars(select(MailedCase)).all()


@pytest.mark.parametrize(
    ("name", "street", "city"),
    [
        ("Bo Ek", "Byn 1", "Ed"),
        ("Anna-Karin Österlund-Lindqvist", "Stora Kyrkogatan 112 B lgh 1203", "Västra Frölunda"),
        ("Wilhelmina Margareta Österlund-Lindqvist af Trolle-Löwenhjelm", "Ringvägen 12", "Åkersberga"),
        ("Alexandra-Wilhelmina " * 8, "Bostadsrättsföreningen " * 7, "Västra Frölunda " * 5),
        ("Łukasz Żółć-Şimşek Đorđević", "Ängsvägen 3", "Göteborg"),
    ],
)
def test_nothing_but_the_whole_address_shows_in_the_window_however_the_letter_slides(
    databases: Databases, cases: list[int], name: str, street: str, city: str
) -> None:
    pages, pieces = made(databases, name=name[:160], street=street[:160], city=city[:80])
    page = pypdfium2.PdfDocument(pages.typeset(pieces[:1]))[0]
    text, height = page.get_textpage(), page.get_height()
    address = letters_of("".join(pieces[0].address.lines))
    for envelope, (width, tall, from_right, top, wide, high) in ENVELOPES.items():
        for right, down in product((0, width - 210), (0, tall - FOLDED[envelope])):
            left, upper = width - from_right - wide - right, top - down
            ends = min(left + wide, 210)
            seen = text.get_text_bounded(
                left * MM, height - (upper + high) * MM, ends * MM, height - upper * MM
            )
            assert letters_of(seen) == address, (envelope, right, down)


def letters_of(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


def test_a_letter_is_written_in_letters_that_the_fonts_have(databases: Databases, cases: list[int]) -> None:
    _, (first, *_) = made(databases, name="Nguyễn 漢")
    assert first.address.name == "Nguyen ?"


def test_a_card_has_no_code_and_does_not_say_what_it_is_about(
    databases: Databases, cases: list[int], settings: Settings
) -> None:
    with databases.transaction() as session, databases.identity_transaction() as identity:
        print_letters(session, identity, CODE, AREA, settings, TODAY, BY)
    later = TODAY + timedelta(days=10)
    with databases.transaction() as session, databases.identity_transaction() as identity:
        (batch,) = print_letters(session, identity, CODE, AREA, settings, later, BY, kind=MailingKind.CARD)
    file = Path(settings.output) / "letters" / CODE / batch.file
    document = pypdfium2.PdfDocument(file)
    assert (batch.letters, batch.pages, len(document)) == (4, 8, 8)
    width, height = document[0].get_size()
    assert (round(width / MM), round(height / MM)) == (148, 105)
    words = "".join(page.get_textpage().get_text_bounded() for page in document).lower()
    assert "öppna det gärna" in words
    for telling in ("tryggh", "trygg ", "brott", "polis", "undersökning", "kod", "127.0.0.1"):
        assert telling not in words.replace("simulerade svar", ""), telling
    with databases.reading() as session:
        assert {one.issued_on for one in session.scalars(select(Invitation))} == {TODAY}


def test_the_longest_words_leave_room_for_the_code_and_for_each_other(
    databases: Databases, cases: list[int]
) -> None:
    with databases.transaction() as session:
        session.get_one(
            Area, AREA
        ).name = "Stadsdelen med det mycket långa namnet i den norra delen av kommunen"
        session.add(Mailing(wave_code=CODE, kind="last", left_out=False, text="Mening om tio. " * 20))
    for kind in (MailingKind.LETTER, MailingKind.LAST):
        pages, pieces = made(databases, kind)
        page = pypdfium2.PdfDocument(pages.typeset(pieces[:1]))[0]
        text = page.get_textpage()
        order = ["i ditt ställe", "1. Rikta", "och skriv koden", pieces[0].code, "2. Svara", "Lämna in"]
        order += ["Det är frivilligt", "Answer in English"]
        boxes = [box_of(text, words) for words in order]
        for (_, bottom, _, _), (_, _, _, top) in pairwise(boxes):
            assert bottom >= top - 1.0
        assert box_of(text, "i ditt ställe")[1] > ANSWER_BOX[kind]
        assert boxes[-1][1] > 25 * MM


# Where the frame around the code begins, from the foot of the page.
ANSWER_BOX = {MailingKind.LETTER: (297 - 117) * MM, MailingKind.LAST: (297 - 139) * MM}


def box_of(text: pypdfium2.PdfTextPage, words: str) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the first sign of some words."""
    found = text.search(words).get_next()
    assert found is not None, words
    box: tuple[float, float, float, float] = text.get_charbox(found[0])
    return box
