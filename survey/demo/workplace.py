"""The folder the demonstration lives in: its databases, files and settings; nothing outside it is touched."""

import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from survey.config import Settings
from survey.errors import UserError

_FOLDERS = ("geography", "sources", "register", "register-uploads", "letters", "reports", "release", "truth")
_FILES = ("survey.db", "identity.db", "trygg.env", "logins.txt")
_SQLITE_COMPANIONS = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Workplace:
    """The output folder and the settings every command of the demonstration runs with."""

    output: Path
    settings: Settings

    @classmethod
    def prepare(cls, output: Path, yes: bool, base_url: str) -> "Workplace":
        """An empty place to work in; what an earlier demonstration left is removed once the user agrees."""
        output = output.resolve()
        present = [path for path in _owned(output) if path.exists()]
        if present:
            _require_consent(output, yes)
        for path in present:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        for folder in _FOLDERS:
            (output / folder).mkdir(parents=True, exist_ok=True)
        settings = Settings(
            survey_database=f"sqlite:///{output / 'survey.db'}",
            identity_database=f"sqlite:///{output / 'identity.db'}",
            secret_key=secrets.token_urlsafe(48),
            base_url=base_url,
            output=output,
            second_factor=False,  # who tries the demonstration has no app set up for it
            operator="Exempelregionen (påhittad)",
            contact_email="trygghet@exempelregionen.example",
            dpo_email="dataskydd@exempelregionen.example",
        )
        return cls(output, settings)

    @property
    def environment(self) -> dict[str, str]:
        """The settings as the variables that `trygg` and the server read."""
        return {
            "TRYGG_SURVEY_DATABASE": self.settings.survey_database,
            "TRYGG_IDENTITY_DATABASE": self.settings.identity_database,
            "TRYGG_SECRET_KEY": self.settings.secret_key,
            "TRYGG_BASE_URL": self.settings.base_url,
            "TRYGG_OUTPUT": str(self.output),
            "TRYGG_OPERATOR": self.settings.operator,
            "TRYGG_CONTACT_EMAIL": self.settings.contact_email,
            "TRYGG_DPO_EMAIL": self.settings.dpo_email,
            "TRYGG_SECOND_FACTOR": "on" if self.settings.second_factor else "off",
        }

    @property
    def environment_file(self) -> Path:
        return self.output / "trygg.env"

    def write_environment(self) -> None:
        """Keep the settings for commands typed afterwards; only the owner may read the secret."""
        lines = [f"export {name}='{value}'" for name, value in self.environment.items()]
        self.write_private("trygg.env", lines)

    def write_private(self, name: str, lines: list[str]) -> Path:
        """A text file that only its owner may read."""
        path = self.output / name
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    @contextmanager
    def active(self) -> Iterator[None]:
        """Let commands in this process see the settings, and put the environment back afterwards."""
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _owned(output: Path) -> list[Path]:
    files = [output / f"{name}{companion}" for name in _FILES for companion in _SQLITE_COMPANIONS]
    return [*(output / folder for folder in _FOLDERS), *files]


def _require_consent(output: Path, yes: bool) -> None:
    if yes:
        return
    if not _is_terminal():
        raise UserError(
            f"Det finns redan en demonstration i {output}. Inget har ändrats. "
            "Lägg till --yes (make demo YES=1) för att börja om från början."
        )
    if not click.confirm(f"Det finns redan en demonstration i {output}. Ta bort den och börja om?"):
        raise UserError("Inget har ändrats.")


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
