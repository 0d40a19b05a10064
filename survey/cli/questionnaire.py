"""Commands for whoever writes a questionnaire."""

import sys
from pathlib import Path

import click

from survey.cli.console import Flow, actor, databases


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


@questionnaire.command("add")
@click.argument("wave_code", metavar="OMGÅNG")
@click.argument("municipality_code", metavar="KOMMUN")
@click.argument("name", metavar="NAMN", required=False)
@click.option("--remove", is_flag=True, help="Ta bort kommunens egna frågor ur omgången.")
def questionnaire_add(wave_code: str, municipality_code: str, name: str | None, remove: bool) -> None:
    """Låt en kommuns invånare få kommunens egna frågor också, innan omgången öppnar.

    NAMN är filen med de egna frågorna i biblioteket, utan ändelse.
    """
    from survey.preparation import local_questions

    if remove == bool(name):
        raise click.UsageError("Ange antingen namnet på de egna frågorna eller --remove.")
    with databases() as stores, stores.transaction() as session:
        if name:
            added = local_questions.add_local_questions(session, wave_code, municipality_code, name, actor())
            told = f"{municipality_code} får {len(added.questions)} frågor, kontrollsumma {added.hash[:12]}."
        else:
            gone = local_questions.remove_local_questions(session, wave_code, municipality_code, actor())
            told = "De egna frågorna är borttagna." if gone else "Kommunen hade inga egna frågor."
    click.echo(told)
