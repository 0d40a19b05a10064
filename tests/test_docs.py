"""README names only commands, environment variables and files that there are, and every variable there is."""

import re
from pathlib import Path

import click
import pytest

from survey import config
from survey.cli import main

ROOT = Path(config.__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"(?:^|`)trygg((?: [a-z][a-z-]*)+)", README, flags=re.MULTILINE)))
FILES = sorted(set(re.findall(r"`((?:survey|analysis|tests|\.ci)/[\w./-]+|[\w.]+\.(?:md|py|cfg))`", README)))


def known(words: list[str]) -> bool:
    """Whether the words lead to a command; what stands behind a command is its argument."""
    found: click.Command | None = main
    for word in words:
        if not isinstance(found, click.Group):
            return True
        found = found.commands.get(word)
        if found is None:
            return False
    return True


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_is_there(command: str) -> None:
    assert known(command.split())
    assert not known(["no-such-command"])


def test_the_readme_names_every_environment_variable_and_no_other() -> None:
    read = set(re.findall(r"TRYGG_[A-Z_]+", Path(config.__file__).read_text(encoding="utf-8")))
    assert len(read) > 10
    assert set(re.findall(r"TRYGG_[A-Z_]+", README)) == read


@pytest.mark.parametrize("file", FILES)
def test_every_file_of_the_readme_is_there(file: str) -> None:
    assert (ROOT / file).exists()


def test_the_readme_names_commands_and_files() -> None:
    assert len(COMMANDS) > 15
    assert len(FILES) > 10
