"""Commands for the keys with which other systems read figures."""

from datetime import datetime, timedelta

import click

from survey.cli.console import Flow, actor, databases
from survey.cli.waves import DAY
from survey.clock import today


@click.group("api-token", cls=Flow)
def api_token() -> None:
    """Nycklar med vilka andra system läser frisläppta tal."""


@api_token.command("create")
@click.argument("name")
@click.option("--scope", required=True, help="region, police_area, district, municipality eller public.")
@click.option("--place", metavar="KOD", help="Kommunen, lokalpolisområdet eller polisområdet den läser som.")
@click.option("--until", type=DAY, help="Sista dagen den gäller. Utan: ett år från i dag.")
def api_token_create(name: str, scope: str, place: str | None, until: datetime | None) -> None:
    """Skapa en nyckel till systemet NAME. Den visas bara nu."""
    from survey.preparation.api_tokens import USUAL_DAYS, Wanted, create

    last = until.date() if until else today() + timedelta(USUAL_DAYS)
    with databases() as stores, stores.transaction() as session:
        secret = create(session, Wanted(name, scope, place, last), actor(), today())
    click.echo(f"Nyckeln gäller till och med {last}. Spara den nu, den visas inte igen:")
    click.echo(secret)


@api_token.command("list")
def api_token_list() -> None:
    """Visa alla nycklar, vem som gjorde dem och när de senast användes."""
    from survey.preparation.api_tokens import list_tokens

    with databases() as stores, stores.reading() as session:
        for one in list_tokens(session):
            state = f"indragen {one.withdrawn_on}" if one.withdrawn_on else f"till {one.expires_on}"
            used = f"senast använd {one.last_used_on}" if one.last_used_on else "aldrig använd"
            scope = " ".join(filter(None, (one.scope, one.code)))
            click.echo(f"{one.id:4} {one.name}: {scope}, {state}, {used}, av {one.created_by}")


@api_token.command("withdraw")
@click.argument("number", type=int)
def api_token_withdraw(number: int) -> None:
    """Dra in en nyckel, efter numret i listan."""
    from survey.preparation.api_tokens import withdraw

    with databases() as stores, stores.transaction() as session:
        token = withdraw(session, number, actor(), today())
        click.echo(f"Nyckeln till {token.name} är indragen.")
