"""The command line `trygg`: every step of a wave by itself, in the order of the flow.

What a step needs is imported when it runs, so that `trygg --help` answers at once.
"""

import os
import sys
from pathlib import Path
from typing import Any

import click

from survey.cli.api_tokens import api_token
from survey.cli.console import FILE, Fault, Flow, actor, databases
from survey.cli.imports import series
from survey.cli.languages import language
from survey.cli.preparation import account, database_group, geography, population
from survey.cli.promises import promise
from survey.cli.questionnaire import questionnaire
from survey.cli.sources import source
from survey.cli.tables import table
from survey.cli.waves import wave
from survey.clock import today
from survey.config import Settings

# Before numpy is loaded: the matrices are small, and threads cost more than they give.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@click.group(cls=Flow)
@click.version_option(package_name="trygg", prog_name="trygg")
def main() -> None:
    """Trygghetsmätning, från registerfil till rapport.

    Kommandona står i den ordning de används. Inställningar läses från miljön:
    TRYGG_SURVEY_DATABASE, TRYGG_IDENTITY_DATABASE, TRYGG_SECRET_KEY, TRYGG_BASE_URL, TRYGG_OUTPUT,
    TRYGG_HELP_PHONE, TRYGG_HELP_HOURS, TRYGG_OPERATOR, TRYGG_CONTACT_EMAIL, TRYGG_DPO_EMAIL,
    TRYGG_DO_NOT_CONTACT_KEY, TRYGG_PROXIES, TRYGG_LARGEST_REGISTER, TRYGG_REPORT_LANGUAGES,
    TRYGG_SECOND_FACTOR, TRYGG_RELEASE_APPROVAL.
    """


GROUPS = (
    *(database_group, geography, population, questionnaire, language, account),
    *(wave, table, series, source, promise, api_token),
)
for group in GROUPS:
    main.add_command(group)


@main.group(cls=Flow)
def case() -> None:
    """En dragen person, utan namn."""


@case.command("withdraw")
@click.argument("reference")
def case_withdraw(reference: str) -> None:
    """Ta bort den som ångrar sig, efter referensnumret i brevet."""
    from survey.collection.withdrawal import withdraw_by_reference

    with databases() as stores, stores.transaction() as session:
        removed = withdraw_by_reference(session, reference, today(), actor())
    click.echo("Svaret är borttaget." if removed else "Personen är borttagen. Det fanns inget svar.")


@case.command("show")
@click.argument("reference")
@click.option("--yes", is_flag=True, help="Personen har själv begärt det, och det är säkert vem hen är.")
def case_show(reference: str, yes: bool) -> None:
    """Visa allt som finns om en person som själv har begärt det, efter referensnumret i brevet.

    Namn och svar visas tillsammans. Lämna ut dem till personen, och spara dem inte. Det noteras i loggen.
    """
    from survey.collection.own_data import own_data

    if not yes:
        click.confirm("Har personen själv begärt det, och är det säkert vem hen är?", abort=True, err=True)
    with databases() as stores, stores.transaction() as session, stores.identity_transaction() as identity:
        for part in own_data(session, identity, reference, actor()):
            click.echo(f"\n{part.title}")
            for label, held in part.rows:
                click.echo(f"  {label}{' ' if label.endswith('?') else ': '}{held}")


@main.group("do-not-contact", cls=Flow)
def do_not_contact() -> None:
    """Listan över dem som aldrig vill bli kontaktade."""


@do_not_contact.command("remove")
def do_not_contact_remove() -> None:
    """Ta bort någon från listan, med personnumret, som det frågas efter.

    I en omgång vars urval redan är draget får personen ändå inga brev.
    """
    from survey.collection.do_not_contact import remove_person

    key = Settings.from_environment().do_not_contact_key
    if not key:
        raise Fault("TRYGG_DO_NOT_CONTACT_KEY saknas. Utan nyckeln går det inte att hitta personen.")
    # Asked for, so that the number stands in no history of commands.
    person_id = click.prompt("Personnummer")
    with databases() as stores, stores.transaction() as session, stores.identity_transaction() as identity:
        remove_person(session, identity, person_id, key, actor())
    click.echo("Personen är borttagen från listan.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processer.")
@click.option("--threads", default=4, show_default=True, help="Trådar i varje process.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Starta webbtjänsten."""
    from survey.preparation.waves import list_waves

    # What is missing is said before the server starts: settings, databases, tables.
    Settings.from_environment().flask_config()
    with databases() as stores, stores.reading() as session:
        list_waves(session)
    command = [sys.executable, "-m", "gunicorn", "--bind", f"{host}:{port}"]
    command += ["--workers", str(workers), "--threads", str(threads)]
    # No control socket: it would lie in the home folder, outside the installation.
    command += ["--logger-class", "survey.server_log.ServerLog", "--no-control-socket"]
    os.execv(sys.executable, [*command, "survey.serving:served()"])  # noqa: S606 - our own interpreter, no shell


@main.command()
@click.option("--once", is_flag=True, help="Gör det som väntar och sluta sedan.")
def worker(once: bool) -> None:
    """Gör det som har beställts på sidorna: registerfiler, urval, brev, resultat, rapporter och tabeller."""
    import logging

    from survey.worker import work

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    with databases() as stores:
        work(stores, Settings.from_environment(), once=once)


@main.command()
@click.option("--size", type=click.Choice(["full", "small"]), default="full", show_default=True)
@click.option("--seed", default=20221014, show_default=True, help="Samma frö ger samma siffror.")
@click.option("--serve/--no-serve", default=True, show_default=True, help="Lämna en omgång öppen och starta.")
@click.option("--yes", is_flag=True, help="Ersätt en tidigare demonstration utan att fråga.")
@click.option("--output", type=FILE, default=Path("var/demo"), show_default=True)
def demo(**options: Any) -> None:
    """Gå hela vägen med verklig befolkning och påhittade personer."""
    from survey.demo.run import run_demo
    from survey.demo.stage import Options

    run_demo(Options(**options), lambda arguments: main.main(list(arguments), standalone_mode=False))
