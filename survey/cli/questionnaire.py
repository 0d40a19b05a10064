"""Commands for whoever writes a questionnaire."""

import sys
from pathlib import Path

import click

from survey.cli.console import Flow


@click.group(cls=Flow)
def questionnaire() -> None:
    """Frågeformulären."""


@questionnaire.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def questionnaire_check(file: Path) -> None:
    """Kontrollera ett formulär, kommunens egna frågor eller en fil med indikatorer, och visa alla fel.

    Det som invånare läser ska finnas på varje granskat språk.
    """
    from survey import languages
    from survey.questionnaire.checking import check

    catalogues = {
        found.code: languages.translated(found.code)
        for found in languages.LANGUAGES.values()
        if found.reviewed and found is not languages.SOURCE
    }
    faults = check(file, catalogues)
    for fault in faults:
        click.echo(fault)
    if faults:
        click.secho(f"{len(faults)} fel i {file.name}.", fg="red", err=True)
        sys.exit(1)
    click.echo(f"{file.name} är utan fel.")
