"""Commands for what every wave builds on: databases, geography, population, accounts."""

from datetime import UTC, datetime
from pathlib import Path

import click

from survey.cli.console import FILE, Flow, actor, databases, number, warn
from survey.config import Settings


@click.group("database", cls=Flow)
def database_group() -> None:
    """Skapa databaserna och hålla dem aktuella."""


@database_group.command("upgrade")
def database_upgrade() -> None:
    """Ge båda databaserna den nyaste formen."""
    from survey.database import upgrade

    upgrade(Settings.from_environment())
    click.echo("Databaserna är aktuella.")


@database_group.command("write-anew")
def database_write_anew() -> None:
    """Skriv om båda databaserna, så att inget spår av det gallrade finns kvar."""
    with databases() as stores:
        stores.write_anew()
    click.echo("Databaserna är omskrivna.")


@click.group(cls=Flow)
def geography() -> None:
    """Kommuner och delområden."""


@geography.command("load")
@click.argument("municipalities", type=FILE)
@click.argument("areas", type=FILE)
def geography_load(municipalities: Path, areas: Path) -> None:
    """Läs in kommuner och delområden från två CSV-filer.

    MUNICIPALITIES: municipality_code, municipality, county_code, county, police_region; gärna skr_group,
    kommungruppen, så att kommunen jämförs med andra av samma slag.
    AREAS: area_code, municipality_code, name, valid_from, valid_to.
    """
    from survey.preparation.geography import load_areas, load_municipalities

    with databases() as stores, stores.transaction() as session:
        loaded = load_municipalities(session, municipalities, actor())
        click.echo(f"{loaded} kommuner och {load_areas(session, areas, actor())} delområden är inlästa.")


@geography.command("load-borders")
@click.argument("file", type=FILE)
@click.option(
    "--kind",
    type=click.Choice(["municipality", "area", "basic"]),
    required=True,
    help="Vad gränserna gäller.",
)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Kommuner: första dagen gränserna gäller (utan: de har alltid gällt). "
    "Delområden: en dag då delområdena gäller (utan: i dag).",
)
def geography_load_borders(file: Path, kind: str, day: datetime | None) -> None:
    """Läs in gränser för kartor ur en GeoJSON-fil i WGS 84.

    Varje område känns igen på sin kod (area_code, kommun_kod, kod) eller sitt namn (name, namn). För
    delområden ska alla som hör till kommunen finnas i filen. Gränserna förenklas, och läses filen in igen
    ersätts de.

    Med --kind basic läses de delar in som kommunerna sätter ihop sina delområden av (DeSO eller NYKO), med
    nyckeln i fältet deso, nyko eller kod. Kommunen väljer bland dem i webbläsaren.
    """
    from survey import clock
    from survey.preparation import basic_areas, borders
    from survey.preparation.border_files import read_file

    content = read_file(file)
    with databases() as stores, stores.transaction() as session:
        if kind == "municipality":
            since = day.date() if day else borders.SINCE_THE_REFORM
            loaded = borders.load_municipality_borders(session, content, since, actor())
        elif kind == "basic":
            loaded = basic_areas.load_basic_areas(session, content, actor())
        else:
            on = day.date() if day else clock.today()
            loaded = borders.load_area_borders(session, content, on, actor())
    what = {"municipality": "kommuner", "area": "delområden", "basic": "delar"}[kind]
    click.echo(f"Gränser för {loaded} {what} är inlästa.")


@geography.command("load-districts")
@click.argument("file", type=FILE)
def geography_load_districts(file: Path) -> None:
    """Läs in lokalpolisområden och vilka kommuner de täcker, helt eller delvis, från en CSV-fil.

    FILE: district_code, district, municipality_code, valid_from, valid_to. En rad för varje kommun och tid.
    """
    from survey.preparation.districts import load_districts

    with databases() as stores, stores.transaction() as session:
        districts, covered = load_districts(session, file, actor())
        click.echo(f"{districts} lokalpolisområden är inlästa, med {covered} kommuner.")


@click.group(cls=Flow)
def population() -> None:
    """Den officiella befolkningen."""


@population.command("load")
@click.argument("file", type=FILE)
def population_load(file: Path) -> None:
    """Läs in folkmängd efter kommun, kön och ålder.

    FILE: en tabell från SCB (csv, xlsx, PX eller JSON-stat) med kommunkod, ettåriga åldrar och kön, som den
    hämtas ur Statistikdatabasen; eller en CSV-fil med reference_date, municipality_code, municipality,
    legal_gender, age_group, population.
    """
    from survey.preparation.population import load_population

    with databases() as stores, stores.transaction() as session:
        loaded = load_population(session, file, actor())
    for day, persons in sorted(loaded.totals.items()):
        click.echo(f"{day}: {number(persons)} invånare")
    warn(loaded.remarks)


@click.group(cls=Flow)
def account() -> None:
    """Konton för dem som arbetar med mätningen."""


@account.command("invite")
@click.argument("email")
@click.option(
    "--role",
    required=True,
    help="owner, fieldwork, help_desk, print, data_entry, municipality, police, analyst, data_protection, "
    "screener.",
)
@click.option("--municipality", metavar="KOD", help="Kommunen som en kommunanvändare hör till.")
@click.option("--district", metavar="KOD", help="Lokalpolisområdet som en polisanvändare hör till.")
def account_invite(email: str, role: str, municipality: str | None, district: str | None) -> None:
    """Skapa ett konto, eller låt dess ägare välja ett nytt lösenord."""
    from survey.preparation.accounts import ACTIVATION_DAYS, invite

    with databases() as stores, stores.transaction() as session:
        token = invite(session, email, role, municipality, actor(), datetime.now(UTC), district)
    click.echo(f"Skicka länken till {email}. Den gäller i {ACTIVATION_DAYS} dagar.")
    click.echo(f"{Settings.from_environment().base_url}/aktivera/{token}")
