"""What every command of `trygg` shares: clear errors, progress bars, the databases, who acts."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from errno import ENOSPC
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.config import Settings
from survey.errors import UserError

if TYPE_CHECKING:
    from survey.database import Databases

FILE = click.Path(path_type=Path)
MOST_WARNINGS = 5


class Fault(click.ClickException):
    """What went wrong, in red on the error stream; never a traceback for what a user can mend."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.secho(f"Fel: {self.message}", fg="red", err=True)


class Flow(click.Group):
    """A group whose commands are listed in the order they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            message = explain(error)
            if message is None:
                raise
            raise Fault(message) from error


class Bars:
    """Progress bars on the error stream, one for each label that work reports."""

    def __init__(self) -> None:
        self._label = ""
        self._done = 0
        self._bar: Any = None
        self._bars = ExitStack()

    def __call__(self, label: str, done: int, total: int) -> None:
        if label != self._label or done < self._done:
            self.close()
            self._label, self._done = label, 0
            self._bar = self._bars.enter_context(
                click.progressbar(length=max(total, 1), label=label, file=sys.stderr)
            )
        self._bar.update(done - self._done)
        self._done = done

    def close(self) -> None:
        self._bars.close()
        self._label = ""


@contextmanager
def progress_bars() -> Iterator[Bars]:
    """Bars that are put away whatever happens."""
    bars = Bars()
    try:
        yield bars
    finally:
        bars.close()


@contextmanager
def databases() -> Iterator["Databases"]:
    """The databases that the environment names."""
    from survey.database import Databases

    connected = Databases.connect(Settings.from_environment())
    try:
        yield connected
    finally:
        connected.dispose()


def actor() -> str:
    """Who acts, for the audit log."""
    try:
        return f"{getuser()} (kommandorad)"
    except (OSError, KeyError):
        return "kommandorad"


def number(value: int) -> str:
    """A count with a space between thousands."""
    return f"{value:,}".replace(",", " ")


def explain(error: Exception) -> str | None:
    """What to tell about an error that a user can mend; None for a fault of ours."""
    from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError

    from analysis.errors import AnalysisError
    from survey.questionnaire.yaml_source import QuestionnaireError

    if isinstance(error, UserError | AnalysisError | QuestionnaireError):
        return str(error)
    if isinstance(error, OSError) and error.errno is not None:  # a full disk, a folder that is closed
        why = "disken är full" if error.errno == ENOSPC else error.strerror
        return f"Datorn kunde inte läsa eller skriva {error.filename or 'en fil'}: {why}."
    if type(error) is DatabaseError:  # the file at the address is something else
        return f"Databasen går inte att använda: {error.orig}"
    if not isinstance(error, OperationalError | ProgrammingError):
        return None
    cause = str(error.orig)
    if "no such table" in cause or "does not exist" in cause:
        return "Databasen saknar tabeller. Kör först: trygg database upgrade"
    return f"Databasen går inte att använda: {cause}" if isinstance(error, OperationalError) else None


def warn(remarks: Sequence[str]) -> None:
    """The first remarks in yellow, and how many more there are."""
    for remark in remarks[:MOST_WARNINGS]:
        click.secho(remark, fg="yellow")
    if len(remarks) > MOST_WARNINGS:
        click.secho(f"… och {len(remarks) - MOST_WARNINGS} anmärkningar till; alla är sparade.", fg="yellow")
