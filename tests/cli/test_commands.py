"""The other commands, and help that reads like the flow."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from drawn_borders import by_code, square
from installation import Run

from survey.cli import console
from survey.questionnaire.definition import ADDITIONS, LIBRARY

STEPS = [
    "create",
    "invite-municipalities",
    "participation",
    "recut",
    "allow-incomplete",
    "check-frame",
    "load-frame",
    "plan",
    "draw-sample",
    "calendar",
    "invite",
    "remind",
    "check-letters",
    "returned",
    "open",
    "snapshot",
    "open-link",
    "list",
    "status",
    "close",
    "void",
    "forget",
    "process",
    "release",
    "approve",
    "embargo",
    "report",
    "microdata",
    "import",
]


def test_help_lists_the_steps_in_the_order_of_the_flow(run: Run) -> None:
    def listed(*arguments: str) -> list[str]:
        commands = run(*arguments, "--help").stdout.split("Commands:")[1]
        return re.findall(r"^  ([a-z-]+)  ", commands, re.MULTILINE)

    groups = ["database", "geography", "population", "questionnaire", "language"]
    groups += ["account", "wave", "table", "series", "source", "promise", "api-token", "case"]
    groups += ["do-not-contact", "serve", "worker", "demo"]
    assert listed() == groups
    assert listed("questionnaire") == ["check", "add"]
    assert listed("language") == ["list", "update"]
    assert listed("wave") == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_every_step_explains_itself(run: Run, step: str) -> None:
    result = run("wave", step, "--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) >= 6


def test_the_databases_are_written_anew_on_demand(prepared: Run) -> None:
    assert "omskrivna" in prepared("database", "write-anew").stdout


def test_an_account_gets_a_link_to_activate(prepared: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "survey.db")) as database:
        assert database.execute("SELECT count(*) FROM account").fetchone() == (0,)
    result = prepared("account", "invite", "a@example.se", "--role", "municipality", "--municipality", "0125")
    assert result.exit_code == 0
    assert re.search(r"^https://trygg\.example\.se/aktivera/[\w-]{22}$", result.stdout, re.MULTILINE)


def test_borders_are_loaded_or_all_that_is_wrong_with_them_is_told(run: Run, files: Path) -> None:
    run("database", "upgrade")
    run("geography", "load", f"{files}/municipalities.csv", f"{files}/areas.csv")
    borders = files / "borders.geojson"
    for kind, codes, told in (
        ("municipality", ("0125", "0140"), "Gränser för 2 kommuner"),
        ("area", ("0125-01",), "Gränser för 1 delområden"),
    ):
        borders.write_bytes(by_code({code: square(column) for column, code in enumerate(codes)}))
        assert told in run("geography", "load-borders", str(borders), "--kind", kind).stdout
    borders.write_bytes(by_code({"0199": square(0), "Åre": square(1)}))
    refused = run("geography", "load-borders", str(borders), "--kind", "municipality")
    assert (refused.exit_code, refused.stderr.count("är ingen kommun som är inläst")) == (2, 2)
    missing = run("geography", "load-borders", f"{files}/none", "--kind", "area", "--day", "2020-01-01")
    assert "kan inte öppnas" in missing.stderr


def test_long_work_shows_a_bar_for_each_label_and_ends_at_all_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with console.progress_bars() as bars:
        for done in (1, 2):
            bars("läser", done, 2)
        bars("skriver", 5, 5)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "läser" in shown.err
    assert "skriver" in shown.err


def test_a_questionnaire_without_faults_is_said_to_be_so(run: Run) -> None:
    for file in (LIBRARY / "trygghet.yaml", LIBRARY / "indicators.yaml", ADDITIONS / "skargard.yaml"):
        result = run("questionnaire", "check", str(file))
        assert (result.exit_code, result.stdout) == (0, f"{file.name} är utan fel.\n")


def test_every_fault_of_a_questionnaire_is_listed_with_file_and_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "egna.yaml"
    text = (ADDITIONS / "skargard.yaml").read_text(encoding="utf-8")
    text = text.replace("title: Båtar och hamnar\n", "title: Båtar och bryggor\n")
    text = text.replace('show_if: {skargard_theft: ["1"]}', 'show_if: {skargard_gone: ["1"]}')
    file.write_text(text, encoding="utf-8")
    result = run("questionnaire", "check", str(file))
    assert result.exit_code == 1
    page, filtered = (
        next(number for number, row in enumerate(text.splitlines(), 1) if words in row)
        for words in ("- id: skargard_boats", "- id: skargard_times")
    )
    assert result.stdout.splitlines() == [
        f"egna.yaml: line {filtered}, page 'skargard_theft_details', question 'skargard_times', show_if: "
        "the question 'skargard_gone' does not exist",
        f"egna.yaml: line {page}, page 'skargard_boats': "
        "no translation to sv-x-ll, en, ar: 'Båtar och bryggor'",
    ]
    assert "2 fel i egna.yaml." in result.stderr


def test_languages_are_listed_with_who_has_reviewed_them(run: Run) -> None:
    lines = run("language", "list").stdout.splitlines()
    assert len(lines) == 8
    assert "English: granskad 2026-11-25 av Projektet (läst mot svenskan) – erbjuds" in lines[2]
    assert "Suomi: ej granskad" in lines[4]
    assert lines[4].endswith("– bara i simulerade omgångar")
