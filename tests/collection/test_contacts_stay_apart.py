"""Names and addresses are in the identity database and nowhere else."""

from pathlib import Path

import pypdfium2
import tiny_wave
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from survey.collection import responses
from survey.collection.letters import print_letters
from survey.config import Settings
from survey.database import Databases
from survey.models.case import Case
from survey.models.contact import Contact

PLANTED = "Planterad-Quistorp"
PROTECTED = "Skyddad-Wallmark"


def walk(databases: Databases, folder: Path) -> None:
    """A wave with a planted name for everybody, from register to a submitted answer."""
    register = folder / "register.csv"
    rows = tiny_wave.people()
    for row in rows:
        row["efternamn"] = PLANTED
    rows[5].update(efternamn=PROTECTED, skyddad="J")
    tiny_wave.write_register(register, rows)
    with databases.transaction() as session, databases.identity_transaction() as identity:
        tiny_wave.plan_wave(session, sample_per_area=30)
        tiny_wave.load_frame(session, tiny_wave.CODE, register, "test")
        tiny_wave.draw_sample(session, identity, tiny_wave.CODE, register, "test")
        tiny_wave.waves.open_wave(session, tiny_wave.CODE, "test")
        settings = Settings(output=folder, base_url="https://x.example")
        print_letters(session, identity, tiny_wave.CODE, "0187-01", settings, tiny_wave.TODAY, "test")
        case = session.scalars(select(Case.id).limit(1)).one()
        responses.begin(session, case, "sv", tiny_wave.TODAY)


def test_no_byte_of_a_name_is_in_the_survey_database_file(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    walk(sqlite_databases, tmp_path)
    survey = b"".join(file.read_bytes() for file in tmp_path.glob("survey.db*"))
    identity = b"".join(file.read_bytes() for file in tmp_path.glob("identity.db*"))
    assert PLANTED.encode() in identity
    assert PLANTED.encode() not in survey
    assert b"Provgatan" in identity
    assert b"Provgatan" not in survey


def test_no_byte_of_a_protected_person_is_in_any_file_we_write(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    walk(sqlite_databases, tmp_path)
    (tmp_path / "register.csv").unlink()
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(written) >= 4
    assert not [file for file in written if PROTECTED.encode() in file.read_bytes()]
    (letters,) = tmp_path.rglob("*.pdf")
    printed = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(letters))
    assert PLANTED in printed
    assert PROTECTED not in printed


def test_no_text_column_of_the_survey_database_holds_a_name(databases: Databases, tmp_path: Path) -> None:
    walk(databases, tmp_path)
    with databases.reading() as session:
        for table in databases_tables(session):
            rows = session.execute(text(f'SELECT * FROM "{table}"')).all()
            assert PLANTED not in repr(rows), table
    with Session(databases.identity) as identity:
        assert identity.scalars(select(Contact.name)).all()


def databases_tables(session: Session) -> list[str]:
    from sqlalchemy import inspect

    found = inspect(session.connection()).get_table_names()
    assert "case" in found
    return found
