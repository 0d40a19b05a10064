"""What goes to the printer is what was proven: the list finds a file that is changed, lost, or too many."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, TODAY

from survey.collection.letters import print_letters
from survey.collection.manifest import check_letters
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    return sqlite_databases


@pytest.fixture
def folder(session: Session, identity: Session, cases: list[int], settings: Settings) -> Path:
    print_letters(session, identity, CODE, None, settings, TODAY, BY)
    return Path(settings.output) / "letters" / CODE


def test_untouched_files_agree(session: Session, folder: Path, settings: Settings) -> None:
    checked = check_letters(session, CODE, settings.output)
    assert (checked.files, checked.letters, checked.faults) == (3, 12, ())


def test_a_changed_a_lost_and_a_foreign_file_are_told_by_name(
    session: Session, folder: Path, settings: Settings
) -> None:
    changed, lost, _ = sorted(folder.glob("*.pdf"))
    changed.write_bytes(changed.read_bytes() + b"\n")
    lost.unlink()
    (folder / "extra.pdf").write_bytes(b"%PDF-")
    faults = check_letters(session, CODE, settings.output).faults
    assert [fault.split(":")[0] for fault in faults] == [changed.name, lost.name, "extra.pdf"]
    assert ["ändrats" in faults[0], "saknas" in faults[1], "ska inte tryckas" in faults[2]] == [True] * 3


def test_a_file_of_a_printing_that_was_broken_off_must_not_be_sent(
    databases: Databases, cases: list[int], settings: Settings
) -> None:
    class BrokenOff(Exception):
        pass

    def print_area(area: str, *, stop: bool) -> None:
        with databases.transaction() as session, databases.identity_transaction() as identity:
            print_letters(session, identity, CODE, area, settings, TODAY, BY)
            if stop:
                raise BrokenOff

    with pytest.raises(BrokenOff):
        print_area("0140-01", stop=True)
    with databases.reading() as session:
        (fault,) = check_letters(session, CODE, settings.output).faults
    assert "4 i filen men 0 sparade" in fault
    print_area("0140-01", stop=False)
    with databases.reading() as session:
        assert check_letters(session, CODE, settings.output).faults == ()


def test_a_wave_without_letters_says_so(session: Session, cases: list[int], settings: Settings) -> None:
    with pytest.raises(UserError, match="inga utskrivna brev"):
        check_letters(session, CODE, settings.output)
