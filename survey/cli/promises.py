"""Commands for promises: the areas in which they are asked for, what is late, a table of them all."""

from pathlib import Path

import click

from survey.cli.console import FILE, Flow, actor, databases
from survey.clock import today


@click.group("promise", cls=Flow)
def promise() -> None:
    """Löften och åtgärder. De skrivs och undertecknas på webben."""


@promise.command("require")
@click.argument("region")
@click.argument("names", nargs=-1, required=True)
def promise_require(region: str, names: tuple[str, ...]) -> None:
    """Lägg till områden där varje kommun i polisregionen REGION ska ha ett löfte."""
    from survey.followup.promises.focus_areas import add_focus_area

    with databases() as stores, stores.transaction() as session:
        for name in names:
            add_focus_area(session, region, name, by=actor())
    click.echo(f"Tillagt i {region}: {', '.join(names)}.")


@promise.command("areas")
def promise_areas() -> None:
    """Visa de obligatoriska områdena, med nummer."""
    from survey.followup.promises.focus_areas import list_focus_areas

    with databases() as stores, stores.reading() as session:
        for one in list_focus_areas(session):
            click.echo(f"{one.id:4} {one.police_region}: {one.name}")


@promise.command("unrequire")
@click.argument("number")
def promise_unrequire(number: str) -> None:
    """Ta bort ett obligatoriskt område, efter numret i listan."""
    from survey.followup.promises.focus_areas import withdraw_focus_area

    with databases() as stores, stores.transaction() as session:
        withdraw_focus_area(session, number, by=actor(), today=today())
    click.echo("Området är borttaget.")


@promise.command("late")
def promise_late() -> None:
    """Visa mål vars tid är ute utan något att bedöma dem med, och anteckningar som saknas."""
    from survey.followup.promises.overviews import region_promises
    from survey.followup.promises.tertials import due
    from survey.publication.embargo import SERVICE

    with databases() as stores, stores.reading() as session:
        lines = [line for one in region_promises(session, SERVICE, today()) for line in one.lines]
    for line in lines:
        named = f"{line.municipality} {line.record.id}: {line.version.text.title}"
        if line.overdue:
            click.echo(f"{named} (tiden är ute, {line.version.due.short})")
        if line.lacks_note:
            click.echo(f"{named} (anteckning saknas, {due(today()).short})")


@promise.command("export")
@click.argument("target", type=FILE)
def promise_export(target: Path) -> None:
    """Skriv en tabell över alla löften till filen TARGET (csv)."""
    from survey.followup.promises.export import promises_csv
    from survey.publication.downloads.files import write_whole
    from survey.publication.embargo import SERVICE

    with databases() as stores, stores.reading() as session:
        download = promises_csv(session, SERVICE, today())
    write_whole(target, download.content)
    click.echo(f"{download.rows} löften i {target}")
