"""Errors on the command line: one message, no traceback, nothing half-written."""

import errno
from pathlib import Path

import pytest
from installation import Run

from analysis.errors import InputError
from survey.cli import console
from survey.config import Settings
from survey.errors import UserError


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("wave", "open", "1999"), "Omgången '1999' finns inte. Omgångar som finns: 2026."),
        (("wave", "open", "2026"), "har läget ”planerad”, men steget kräver"),
        (("wave", "close", "2026"), "har läget ”planerad”, men steget kräver"),
        (("wave", "invite", "2026"), "är inte med i omgången"),
        (("wave", "check-frame", "2026", "nowhere.csv"), "kan inte läsas"),
        (("wave", "void", "2026", "--reason", " "), "Skriv varför"),
        (("wave", "load-frame", "2026", "nowhere.csv"), "kan inte läsas"),
        (("case", "withdraw", "123"), "finns inte"),
        (("case", "show", "123", "--yes"), "finns inte"),
        (("do-not-contact", "remove"), "TRYGG_DO_NOT_CONTACT_KEY saknas"),
        (("account", "invite", "x", "--role", "analyst"), "ingen e-postadress"),
        (("wave", "participation", "2026", "9999", "--yes"), "'9999'"),
    ],
)
def test_an_error_is_one_message_on_the_error_stream_with_exit_code_2(
    prepared: Run, arguments: tuple[str, ...], told: str
) -> None:
    result = prepared(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.startswith("Fel: ")
    assert result.stdout == ""
    assert "Traceback" not in result.output


def test_a_faulty_register_leaves_nothing_half_written(prepared: Run, files: Path) -> None:
    register = files / "register.csv"
    register.write_text(register.read_text().replace(";M;75;N", ";M;99;N"))
    result = prepared("wave", "load-frame", "2026", str(register))
    assert result.exit_code == 2
    assert "ålder utanför omgångens åldrar 16–84: '99' på rad 19; 1 rader" in result.stderr
    assert "planerad" in prepared("wave", "status", "2026").stdout


def test_a_sample_from_another_file_leaves_nothing_in_either_database(prepared: Run, files: Path) -> None:
    register = files / "register.csv"
    prepared("wave", "load-frame", "2026", str(register))
    register.write_text(register.read_text().replace("Anna", "Eva"))
    assert "inte den som urvalsramen" in prepared("wave", "draw-sample", "2026", str(register)).stderr
    assert b"Hemlig" not in b"".join(file.read_bytes() for file in files.glob("identity.db*"))


def test_databases_that_were_never_made_are_told(run: Run) -> None:
    result = run("wave", "list")
    assert result.exit_code == 2
    assert "trygg database upgrade" in result.stderr


def test_a_database_that_cannot_be_reached_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "survey.db").mkdir()
    result = run("wave", "list")
    assert result.exit_code == 2
    assert "Databasen går inte att använda" in result.stderr


def test_a_file_that_is_no_database_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "survey.db").write_text("a shopping list, long enough to have a header" * 9)
    result = run("wave", "list")
    assert result.exit_code == 2
    assert "Databasen går inte att använda" in result.stderr


def test_serving_without_databases_is_told_before_the_server_starts(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRYGG_SECRET_KEY", "x" * 32)
    monkeypatch.setattr("os.execv", lambda *_: pytest.fail("the server starts"))
    result = run("serve")
    assert (result.exit_code, "trygg database upgrade" in result.stderr) == (2, True)


def test_serving_without_a_secret_is_told_before_the_server_starts(run: Run) -> None:
    result = run("serve")
    assert result.exit_code == 2
    assert "TRYGG_SECRET_KEY" in result.stderr


def test_a_file_that_is_not_there_is_told_without_a_trace(run: Run, tmp_path: Path) -> None:
    result = run("questionnaire", "check", str(tmp_path / "borta.yaml"))
    assert result.exit_code == 2
    assert "borta.yaml" in result.stderr


def test_a_fault_of_the_program_is_not_dressed_up_as_the_users(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Settings:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Settings, "from_environment", broken)
    assert isinstance(run("wave", "list").exception, RuntimeError)


def test_an_error_of_the_statistics_is_told_like_any_other() -> None:
    error = InputError("strata.csv", 3, "population", "-1", "0 or larger")
    assert console.explain(error) == str(error)
    assert console.explain(UserError("så här")) == "så här"
    assert console.explain(ValueError("bug")) is None
    assert console.explain(OSError(errno.ENOSPC, "No space left")) == (
        "Datorn kunde inte läsa eller skriva en fil: disken är full."
    )
