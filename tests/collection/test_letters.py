"""Letters: what stands on the page, and that every code in print opens its own door."""

import csv
import re
import stat
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from tiny_wave import AREAS, BY, CODE, TODAY

from survey.collection import responses, samples
from survey.collection.help_desk import record
from survey.collection.letters import LetterBatch, print_letters
from survey.collection.manifest import write_private
from survey.collection.withdrawal import withdraw_by_reference
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.case import Case, CaseEvent
from survey.models.contact import Contact
from survey.models.invitation import Invitation
from survey.models.participation import LetterLogo, LetterSender
from survey.models.wave import Wave

ADDRESS = "https://trygg.example.se"
AREA = "0187-01"
CODE_IN_PRINT = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
MARK = "SIMULERADE SVAR – INGET RESULTAT"


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    """Printing asks little of the database; PostgreSQL prints in test_contacts_stay_apart."""
    return sqlite_databases


def printed(
    databases: Databases, output: Path, area: str | None = AREA, address: str = ADDRESS
) -> list[LetterBatch]:
    with databases.transaction() as session, databases.identity_transaction() as identity:
        settings = Settings(output=output, base_url=address)
        return print_letters(session, identity, CODE, area, settings, TODAY, BY)


def pages(file: Path) -> list[tuple[str, str]]:
    """Text and decoded QR code of every page."""
    found = []
    document = pypdfium2.PdfDocument(file)
    for page in document:
        found.append((page.get_textpage().get_text_range(), read_qr(page)))
    document.close()
    return found


def read_qr(page: pypdfium2.PdfPage) -> str:
    """Look at a page from several distances, as a telephone does."""
    for dots_per_inch in (200, 150, 250, 300):
        picture = np.ascontiguousarray(page.render(scale=dots_per_inch / 72).to_numpy())
        address, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
        if address:
            return str(address)
    return ""


def test_every_letter_opens_the_case_of_the_person_it_is_addressed_to(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    (batch,) = printed(databases, tmp_path)
    found = pages(tmp_path / "letters" / CODE / batch.file)
    assert len(found) == batch.letters == 4
    with databases.reading() as session, Session(databases.identity) as identity:
        for text, address in found:
            match = CODE_IN_PRINT.search(text)
            assert match
            case = responses.enter_by_code(session, match[0], TODAY)
            assert address.startswith(f"{ADDRESS}/s/")
            assert responses.enter_by_qr(session, address.rsplit("/", 1)[1], TODAY) == case
            reference = session.get_one(Case, case).reference
            contact = identity.get_one(Contact, reference)
            assert f"{reference[:5]}-{reference[5:]}" in text
            assert contact.name in text
            assert contact.street in text


def test_a_letter_says_who_asks_why_that_it_is_voluntary_and_how_to_withdraw(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    (batch,) = printed(databases, tmp_path)
    file = tmp_path / "letters" / CODE / batch.file
    for text, _ in pages(file):
        words = " ".join(text.split())
        for needed in (
            "Vaxholm",
            "Polisregion Stockholm",
            "dragits slumpmässigt",
            "Det är frivilligt",
            "senast den 31 oktober 2026",
            "ångrar dig",
            Settings.help_phone,
            "trygg.example.se",
            "Answer in English by 31 October 2026",
            "012 34 Påhittsköping",
        ):
            assert needed in words, needed
        assert re.search("[\u0600-\u06ff\ufb50-\ufeff]{3}", text)  # Arabic
        assert words.count(MARK) == 2


def test_a_letter_names_the_number_of_the_installation(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    with databases.transaction() as session, databases.identity_transaction() as identity:
        settings = Settings(output=tmp_path, base_url=ADDRESS, help_phone="020-123 45 67")
        (batch,) = print_letters(session, identity, CODE, AREA, settings, TODAY, BY)
    (text, _), *_ = pages(tmp_path / "letters" / CODE / batch.file)
    assert "Ring 020-123 45 67" in " ".join(text.split())
    assert Settings.help_phone not in text


def test_the_synthetic_mark_is_in_file_names_and_metadata(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    (batch,) = printed(databases, tmp_path)
    assert batch.file == f"{AREA}-SIMULERADE-SVAR.pdf"
    folder = tmp_path / "letters" / CODE
    assert {file.name for file in folder.iterdir()} == {batch.file, "manifest-SIMULERADE-SVAR.csv"}
    with pikepdf.open(folder / batch.file) as pdf, pdf.open_metadata() as metadata:
        assert MARK in str(metadata["dc:title"])


def test_a_real_wave_bears_no_such_mark(databases: Databases, register: Path, tmp_path: Path) -> None:
    import tiny_wave

    with databases.transaction() as session, databases.identity_transaction() as identity:
        tiny_wave.open_wave(session, identity, register, synthetic=False)
    (batch,) = printed(databases, tmp_path)
    assert batch.file == f"{AREA}.pdf"
    assert not any("SIMULERADE" in text for text, _ in pages(tmp_path / "letters" / CODE / batch.file))


def test_the_manifest_lists_every_file_with_count_and_hash(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    printed(databases, tmp_path, AREA)
    printed(databases, tmp_path, None)
    folder = tmp_path / "letters" / CODE
    with (folder / "manifest-SIMULERADE-SVAR.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["area_code"] for row in rows] == sorted(AREAS)
    for row in rows:
        assert row["sha256"] == sha256((folder / row["file"]).read_bytes()).hexdigest()
        assert row["letters"] == "4"
        assert row["issued_on"] == str(TODAY)
        assert (row["kind"], row["batch"], row["pages"]) == ("letter", "1", "4")


def test_nobody_gets_a_second_letter_and_the_first_file_stays(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    (batch,) = printed(databases, tmp_path)
    assert printed(databases, tmp_path) == []
    file = tmp_path / "letters" / CODE / batch.file
    assert sha256(file.read_bytes()).hexdigest() == batch.sha256
    with databases.reading() as session:
        assert len(session.scalars(select(Invitation)).all()) == 4
        assert session.scalars(select(CaseEvent.kind)).all() == ["invited"] * 4


def test_a_later_batch_of_an_area_leaves_the_first_file_alone(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    with databases.reading() as session:
        late = session.scalars(select(Case.reference).where(Case.area_code == AREA).order_by(Case.id)).first()
    with databases.identity_transaction() as identity:
        street = identity.scalars(select(Contact.street).where(Contact.reference == late)).one()
        identity.execute(update(Contact).where(Contact.reference == late).values(street=""))
    (first,) = printed(databases, tmp_path)
    with databases.identity_transaction() as identity:
        identity.execute(update(Contact).where(Contact.reference == late).values(street=street))
    (second,) = printed(databases, tmp_path)
    folder = tmp_path / "letters" / CODE
    assert (first.letters, second.letters) == (3, 1)
    for batch in (first, second):
        assert sha256((folder / batch.file).read_bytes()).hexdigest() == batch.sha256
    (manifest,) = folder.glob("*.csv")
    assert all(batch.file in manifest.read_text() for batch in (first, second))


def test_only_the_one_who_prints_can_read_the_letters(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    (batch,) = printed(databases, tmp_path)
    folder = tmp_path / "letters" / CODE
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / batch.file).stat().st_mode) == 0o600


def test_codes_are_stored_only_as_hashes(databases: Databases, cases: list[int], tmp_path: Path) -> None:
    (batch,) = printed(databases, tmp_path)
    found = pages(tmp_path / "letters" / CODE / batch.file)
    with databases.reading() as session:
        rows = session.execute(select(Invitation.selector, Invitation.secret_hash, Invitation.qr_hash)).all()
    stored = repr(rows)
    for text, address in found:
        match = CODE_IN_PRINT.search(text)
        assert match
        assert match[0].replace("-", "")[4:11] not in stored
        assert address.rsplit("/", 1)[1] not in stored
    assert all(row.secret_hash.startswith("$argon2id$v=19$") for row in rows)
    assert len({row.selector for row in rows}) == 4


def test_who_has_withdrawn_refused_or_has_no_address_gets_no_letter(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    with databases.transaction() as session, databases.identity_transaction() as identity:
        here = select(Case.reference).where(Case.area_code == AREA).order_by(Case.id)
        first, second, third = session.scalars(here).all()[:3]
        withdraw_by_reference(session, first, TODAY, BY)
        record(session, third, "refused", TODAY, BY)
        identity.execute(update(Contact).where(Contact.reference == second).values(street=""))
    (batch,) = printed(databases, tmp_path)
    assert (batch.letters, batch.without_address) == (1, 1)


def test_what_cannot_be_written_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "brev.pdf").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_private(tmp_path / "brev.pdf", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["brev.pdf"]


def test_a_name_is_text_and_never_markup(databases: Databases, cases: list[int], tmp_path: Path) -> None:
    name = "<b>Å & \"Ö\"</b> {{ 7 * 7 }} <img src='file:///etc/passwd'/> Ştefan"
    with databases.identity_transaction() as identity:
        identity.execute(update(Contact).values(name=name))
    (batch,) = printed(databases, tmp_path)
    for text, _ in pages(tmp_path / "letters" / CODE / batch.file):
        assert "{{ 7 * 7 }}" in " ".join(text.split())
        assert "Ştefan" in text


def test_a_name_in_a_script_without_a_font_stops_nobodys_letter(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    with databases.identity_transaction() as identity:
        identity.execute(update(Contact).values(name="漢 Andersson"))
    (batch,) = printed(databases, tmp_path)
    for text, _ in pages(tmp_path / "letters" / CODE / batch.file):
        assert "? Andersson" in text


@pytest.mark.parametrize(("status", "told"), [("framed", "steget kräver"), ("closed", "steget kräver")])
def test_letters_are_printed_between_sample_and_close(
    databases: Databases, cases: list[int], tmp_path: Path, status: str, told: str
) -> None:
    with databases.transaction() as session:
        session.execute(update(Wave).values(status=status))
    with pytest.raises(UserError, match=told):
        printed(databases, tmp_path)
    assert not (tmp_path / "letters").exists()


def test_an_area_that_is_not_in_the_wave_is_told(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="0140-99"):
        printed(databases, tmp_path, "0140-99")


def test_a_case_without_contact_stops_the_printing_and_issues_nothing(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    with databases.identity_transaction() as identity:
        identity.execute(update(Contact).values(reference=Contact.reference + "x"))
    with pytest.raises(UserError, match="saknas i kontaktdatabasen"):
        printed(databases, tmp_path)
    with databases.reading() as session:
        assert session.scalars(select(Invitation)).all() == []


def test_the_check_digit_of_the_printed_reference_is_right(databases: Databases, cases: list[int]) -> None:
    with databases.reading() as session:
        for reference in session.scalars(select(Case.reference)):
            assert samples.check_digit(reference[:-1]) == reference[-1]


def test_a_letter_bears_the_sender_and_the_logo_of_its_municipality_and_no_other(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    (without,) = printed(databases, tmp_path / "without", "0140-01")
    logo = BytesIO()
    Image.new("RGB", (300, 90), "navy").save(logo, "PNG")
    with databases.transaction() as session:
        ways = {"address": "Eriksövägen 27, 185 83 Vaxholm", "phone": "08-465 004 02", "email": ""}
        of_vaxholm = {"wave_code": CODE, "municipality_code": "0187"}
        session.add(LetterSender(**of_vaxholm, name="Vaxholms stad ☃", **ways))
        session.add(LetterLogo(**of_vaxholm, mime_type="image/png", content=logo.getvalue()))
    (batch,) = printed(databases, tmp_path)
    folder = tmp_path / "letters" / CODE
    for text, address in pages(folder / batch.file):
        words = " ".join(text.split())
        assert "Från Vaxholms stad ? och Polisregion Stockholm" in words
        assert "Eriksövägen 27, 185 83 Vaxholm 08-465 004 02" in words
        assert address.startswith(f"{ADDRESS}/s/")
    with pikepdf.open(folder / batch.file) as pdf:
        images = [image for page in pdf.pages for image in page.get_images().values()]
        assert len(images) == batch.letters
        assert len({image.objgen for image in images}) == 1  # kept once, however many letters
        assert images[0].get("/Interpolate") is not True  # PDF/A forbids it
    with pikepdf.open(tmp_path / "without" / "letters" / CODE / without.file) as pdf:
        assert not any(page.get_images() for page in pdf.pages)
