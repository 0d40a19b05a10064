import os
import stat
from pathlib import Path

import pytest

from survey.config import Settings
from survey.demo.console import Console
from survey.demo.finale import way_in
from survey.demo.server import free_address
from survey.demo.workplace import Workplace
from survey.errors import UserError

ADDRESS = "http://127.0.0.1:8000"


def _earlier(folder: Path) -> Path:
    (folder / "reports" / "2022").mkdir(parents=True)
    (folder / "survey.db").write_text("old")
    (folder / "survey.db-wal").write_text("old")
    (folder / "my own notes.txt").write_text("keep")
    return folder


def test_an_empty_place_needs_no_consent(tmp_path: Path) -> None:
    workplace = Workplace.prepare(tmp_path / "demo", yes=False, base_url=ADDRESS)
    assert (workplace.output / "letters").is_dir()


def test_without_a_server_it_is_told_how_to_look_at_what_was_made(tmp_path: Path) -> None:
    workplace = Workplace.prepare(tmp_path / "demo", yes=False, base_url="http://127.0.0.1:8003")
    told = "\n".join(way_in(workplace))
    assert f". {tmp_path / 'demo' / 'trygg.env'}\n" in told
    assert "serve --port 8003" in told
    assert "account invite agare@example.se --role owner" in told


def test_without_a_terminal_existing_data_stay_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.demo.workplace._is_terminal", lambda: False)
    with pytest.raises(UserError, match="--yes"):
        Workplace.prepare(_earlier(tmp_path), yes=False, base_url=ADDRESS)
    assert (tmp_path / "survey.db").read_text() == "old"


@pytest.mark.parametrize("answer", [True, False])
def test_in_a_terminal_the_user_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    monkeypatch.setattr("survey.demo.workplace._is_terminal", lambda: True)
    monkeypatch.setattr("click.confirm", lambda _question: answer)
    folder = _earlier(tmp_path)
    if answer:
        Workplace.prepare(folder, yes=False, base_url=ADDRESS)
    else:
        with pytest.raises(UserError, match="Inget har ändrats"):
            Workplace.prepare(folder, yes=False, base_url=ADDRESS)
    assert (folder / "survey.db").exists() is not answer


def test_only_what_the_demonstration_made_is_removed(tmp_path: Path) -> None:
    folder = _earlier(tmp_path)
    Workplace.prepare(folder, yes=True, base_url=ADDRESS)
    assert (folder / "my own notes.txt").read_text() == "keep"
    assert not (folder / "survey.db-wal").exists()
    assert not (folder / "reports" / "2022").exists()


def test_commands_see_the_settings_only_while_the_demonstration_works(tmp_path: Path) -> None:
    workplace = Workplace.prepare(tmp_path, yes=False, base_url=ADDRESS)
    before = dict(os.environ)
    with workplace.active():
        assert Settings.from_environment() == workplace.settings
    assert dict(os.environ) == before


def test_the_settings_file_is_for_its_owner_and_holds_what_the_commands_need(tmp_path: Path) -> None:
    workplace = Workplace.prepare(tmp_path, yes=False, base_url=ADDRESS)
    workplace.write_environment()
    assert stat.S_IMODE(workplace.environment_file.stat().st_mode) == 0o600
    lines = workplace.environment_file.read_text().splitlines()
    pairs = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    assert {name: value.strip("'") for name, value in pairs.items()} == workplace.environment


def test_the_address_is_a_port_of_this_machine() -> None:
    assert free_address().startswith("http://127.0.0.1:80")


def test_a_command_is_shown_as_it_would_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[list[str]] = []
    console = Console(lambda arguments: ran.append(list(arguments)))
    console.run("wave", "create", "2022", "--title", "Två ord")
    assert ran == [["wave", "create", "2022", "--title", "Två ord"]]
    assert "$ trygg wave create 2022 --title 'Två ord'" in capsys.readouterr().out


def test_progress_in_a_log_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(lambda _arguments: None)
    for done in range(1, 5):
        console.progress("svar", done, 4)
    assert capsys.readouterr().out.split() == ["svar:", "4"]
