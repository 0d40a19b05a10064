"""Commands for tables that no release holds: asked for by one person, approved by another."""

import click

from survey.cli.console import Flow, actor, databases, progress_bars


@click.group("table", cls=Flow)
def table() -> None:
    """Tabeller ur svaren utöver det som är släppt."""


def _condition(_context: object, _parameter: object, given: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    found = []
    for text in given:
        name, equals, values = text.partition("=")
        if not (name and equals and values):
            raise click.BadParameter(f"{text!r} är inget villkor som municipality=0180.")
        found.append((name, values.split(",")))
    return found


@table.command("request")
@click.argument("code")
@click.option("--item", required=True, metavar="MÅTT", help="Måttet eller frågan.")
@click.option("--by", multiple=True, required=True, metavar="UPPDELNING", help="Två i en tabell.")
@click.option(
    "--where", multiple=True, callback=_condition, metavar="NAMN=VÄRDE", help="Bara dessa personer."
)
@click.option("--regression", is_flag=True, help="En regression: den första uppdelningen intill de andra.")
@click.option("--purpose", required=True, metavar="TEXT", help="Vad tabellen ska användas till.")
def table_request(
    code: str,
    item: str,
    by: tuple[str, ...],
    where: list[tuple[str, list[str]]],
    regression: bool,
    purpose: str,
) -> None:
    """Räkna en tabell ur omgången CODE. En annan person godkänner den."""
    from survey.processing.request_answers import answer_requests
    from survey.processing.request_questions import choices, read_question
    from survey.processing.table_requests import ask, find_request, keep_answers

    kind = "regression" if regression else "table"
    with databases() as stores, progress_bars() as bars:
        with stores.transaction() as session:
            question = read_question(choices(session, code), kind, item, by, where)
            number = ask(session, code, question, purpose, by=actor())
        with stores.reading() as session:
            answers = answer_requests(session, code, bars)
        with stores.transaction() as session:
            keep_answers(session, answers, by=actor())
            found = find_request(session, number)
    click.echo(f"Tabell {number} är {found.state_words}. {found.reason}".strip())
    if found.result:
        click.echo(f"{found.released} av {len(found.result['rows'])} rader får visas.")
        click.echo(f"En annan person godkänner: trygg table approve {number}")


@table.command("list")
def table_list() -> None:
    """Visa beställda tabeller, den senaste först."""
    from survey.processing.request_questions import choices
    from survey.processing.table_requests import list_requests

    with databases() as stores, stores.reading() as session:
        entries = list_requests(session)
        known = {code: choices(session, code) for code in {one.wave_code for one in entries}}
        for one in entries:
            said = known[one.wave_code].sentence(one.question)
            click.echo(f"{one.id:4} {one.wave_code} {said}: {one.state_words}, av {one.asked_by}")


@table.command("approve")
@click.argument("number", type=int)
@click.option("--audience", default="region", help="region, police, municipality eller public.")
def table_approve(number: int, audience: str) -> None:
    """Släpp en tabell som en annan person har beställt, till dem som får läsa den."""
    from survey.processing.table_requests import approve

    with databases() as stores, stores.transaction() as session:
        approve(session, number, by=actor(), audience=audience)
    click.echo(f"Tabell {number} är godkänd. Raderna kan inte ändras.")


@table.command("withdraw")
@click.argument("number", type=int)
@click.option("--reason", required=True, metavar="TEXT", help="Varför.")
def table_withdraw(number: int, reason: str) -> None:
    """Dra tillbaka en godkänd tabell: ingen kan läsa den längre. Vad den har visat glöms inte."""
    from survey.config import Settings
    from survey.processing.table_withdrawals import ask

    two_persons = Settings.from_environment().release_approval
    with databases() as stores, stores.transaction() as session:
        done = ask(session, number, reason, by=actor(), two_persons=two_persons)
    if done:
        click.echo(f"Tabell {number} är tillbakadragen.")
        return
    click.echo(f"Begärt: tabell {number} dras tillbaka. Den kan läsas tills en annan person bekräftar.")
    click.echo(f"En annan person bekräftar: trygg table confirm-withdrawal {number}")


@table.command("confirm-withdrawal")
@click.argument("number", type=int)
def table_confirm_withdrawal(number: int) -> None:
    """Dra tillbaka en tabell som en annan person har begärt ska dras tillbaka."""
    from survey.processing.table_withdrawals import approve

    with databases() as stores, stores.transaction() as session:
        approve(session, number, by=actor())
    click.echo(f"Tabell {number} är tillbakadragen.")


@table.command("keep")
@click.argument("number", type=int)
def table_keep(number: int) -> None:
    """Låt en tabell stå kvar som någon har begärt ska dras tillbaka."""
    from survey.processing.table_withdrawals import decline

    with databases() as stores, stores.transaction() as session:
        decline(session, number, by=actor())
    click.echo(f"Tabell {number} står kvar.")


@table.command("refuse")
@click.argument("number", type=int)
@click.option("--reason", required=True, metavar="TEXT", help="Varför.")
def table_refuse(number: int, reason: str) -> None:
    """Avslå en beställd tabell."""
    from survey.processing.table_requests import refuse

    with databases() as stores, stores.transaction() as session:
        refuse(session, number, reason, by=actor())
    click.echo(f"Tabell {number} är avslagen.")
