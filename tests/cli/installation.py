"""`trygg` run with databases and files of its own."""

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from survey.cli import main

Run = Callable[..., Result]


def command_line(folder: Path) -> Run:
    """Runs `trygg` with its databases and files under the folder."""
    environment = {
        "TRYGG_SURVEY_DATABASE": f"sqlite:///{folder}/survey.db",
        "TRYGG_IDENTITY_DATABASE": f"sqlite:///{folder}/identity.db",
        "TRYGG_OUTPUT": str(folder),
        "TRYGG_BASE_URL": "https://trygg.example.se",
    }
    return lambda *arguments: CliRunner().invoke(main, arguments, env=environment)


def done(run: Run, *arguments: str) -> None:
    """A step that goes through."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
