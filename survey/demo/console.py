"""What the demonstration says while it works: numbered steps, the commands it runs, progress, time."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from shlex import join

import click

from survey.config import ROOT
from survey.errors import UserError

Command = Callable[[Sequence[str]], None]
TRYGG = (sys.executable, "-c", "from survey.cli import main; main()")  # installed or not


class Console:
    """Prints steps and runs `trygg` commands in this process, each shown as it would be typed."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._start = time.monotonic()
        self._last_percent = -1

    def step(self, number: int, text: str) -> None:
        """Begin a step of the demonstration."""
        click.secho(f"\n[{self.elapsed():>5}] {number}. {text}", bold=True)

    def say(self, *lines: str) -> None:
        """Plain lines under a step."""
        for line in lines:
            click.echo(f"         {line}" if line else "")

    def run(self, *arguments: str) -> None:
        """Run a command by the same door as a user; an error of the command stops the demonstration."""
        click.secho(f"         $ trygg {join(arguments)}", dim=True)
        self._command(arguments)

    def run_apart(self, *arguments: str) -> None:
        """Run a command in a process of its own: what it starts must not inherit all that we hold."""
        click.secho(f"         $ trygg {join(arguments)}", dim=True)
        sys.stdout.flush()
        done = subprocess.run([*TRYGG, *arguments], check=False, cwd=ROOT)  # noqa: S603 - our own program and arguments
        if done.returncode:
            raise UserError(f"Kommandot trygg {join(arguments)} gick inte. Demonstrationen stannar här.")

    def progress(self, label: str, done: int, total: int) -> None:
        """Rewrite one line in a terminal; in a log write only the end."""
        percent = 100 * done // max(total, 1)
        if sys.stdout.isatty():
            if percent != self._last_percent or done == total:
                click.echo(f"\r         {label}: {done} av {total} ({percent} %) ", nl=done >= total)
        elif done >= total:
            click.echo(f"         {label}: {total}")
        self._last_percent = percent

    def elapsed(self) -> str:
        """Minutes and seconds since the start."""
        minutes, seconds = divmod(int(time.monotonic() - self._start), 60)
        return f"{minutes}:{seconds:02d}"
