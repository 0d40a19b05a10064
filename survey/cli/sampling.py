"""Commands from the register file to the drawn sample."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.cli.console import FILE, Fault, actor, databases, number, progress_bars, warn
from survey.cli.plan_table import overlap_line, plan_lines
from survey.config import Settings

if TYPE_CHECKING:
    from survey.collection.frame_check import FrameReport


@click.command("check-frame")
@click.argument("code")
@click.argument("file", type=FILE)
def wave_check_frame(code: str, file: Path) -> None:
    """Kontrollera registerfilen FILE och visa allt som är fel; inget sparas.

    FILE: csv eller xlsx med rubrik och en rad för varje person. Kolumner: personid, fornamn, efternamn,
    adress, postnummer, postort, kommunkod, delomrade, kon (K eller M), alder, skyddad (J eller N).
    """
    from survey.collection.frame_check import check_frame

    with databases() as stores, stores.reading() as session, progress_bars() as bars:
        check = check_frame(session, code, file, bars)
    _tell_frame(check.report)
    check.require_sound()
    click.echo("Filen kan läsas in.")


@click.command("load-frame")
@click.argument("code")
@click.argument("file", type=FILE)
def wave_load_frame(code: str, file: Path) -> None:
    """Kontrollera registerfilen FILE och spara urvalsramens antal, inga personer.

    FILE har kolumnerna som trygg wave check-frame --help räknar upp.
    """
    from survey.collection.frame_check import check_frame
    from survey.collection.frames import keep_frame

    with databases() as stores:
        with stores.reading() as session, progress_bars() as bars:
            check = check_frame(session, code, file, bars)
        with stores.transaction() as session:
            report = keep_frame(session, check, actor())
    _tell_frame(report)


@click.command("plan")
@click.argument("code")
@click.option("--rule", help="per_area, answers, proportional eller neyman.")
@click.option("--n", "sample_per_area", type=int, help="Antal per delområde, eller deras genomsnitt.")
@click.option("--answers", type=int, help="Väntade svar per delområde, för answers.")
@click.option("--floor", type=int, help="Minsta antal i ett delområde, för proportional och neyman.")
@click.option(
    "--rate", "expected_rate", type=float, help="Väntad svarsfrekvens, som 0.45, utan tidigare omgång."
)
@click.option("--young", "young_factor", type=float, help="Hur många gånger tätare de unga dras.")
@click.option("--young-until", type=int, help="Äldsta ålder bland de unga.")
@click.option("--area", "areas", metavar="KOD=FAKTOR", multiple=True, help="Dra fler i ett delområde.")
@click.option("--store", is_flag=True, help="Bestäm planen; annars bara ett försök.")
def wave_plan(code: str, areas: tuple[str, ...], store: bool, **choices: Any) -> None:
    """Visa vad urvalet i omgången CODE kan visa, eller pröva ett annat."""
    from dataclasses import replace

    from survey.preparation.plan_checks import plan_of
    from survey.preparation.waves import find_wave
    from survey.processing import planning

    changes = {name: value for name, value in choices.items() if value is not None}
    if areas:
        changes["area_factors"] = dict(_factor(area) for area in areas)
    if store and not changes:
        raise Fault("Ange vad som ska bestämmas, till exempel --rule eller --n, tillsammans med --store.")
    with databases() as stores:
        with stores.transaction() as session:
            plan = replace(plan_of(session, find_wave(session, code)), **changes)
            if store:
                planning.decide(session, code, plan, actor())
        with stores.reading() as session:
            found = planning.alternative(session, code, plan) if changes else planning.decided(session, code)
    for line in plan_lines(found):
        click.echo(line)
    click.echo("Planen är bestämd." if store else "Ingenting är ändrat.")


def _factor(text: str) -> tuple[str, float]:
    area, _, factor = text.partition("=")
    try:
        return area, float(factor)
    except ValueError:
        raise Fault(f"{text!r} ska vara ett delområde och en faktor, som 0180-01=1.5.") from None


@click.command("draw-sample")
@click.argument("code")
@click.argument("file", type=FILE)
def wave_draw_sample(code: str, file: Path) -> None:
    """Dra urvalet ur samma registerfil; bara de dragna sparas."""
    from survey.collection.do_not_contact import DoNotContactList
    from survey.collection.samples import choose, keep_sample

    key = Settings.from_environment().do_not_contact_key
    with databases() as stores:
        with stores.identity_transaction() as identity:
            never = DoNotContactList(identity, key)
        with stores.reading() as session, progress_bars() as bars:
            chosen = choose(session, never, code, file, bars)
        # The contacts, innermost, are committed first: without them the cases would be nobody.
        with stores.transaction() as session, stores.identity_transaction() as identity:
            report = keep_sample(session, identity, chosen, actor(), do_not_contact_key=key)
    click.echo(f"{number(report.sampled)} av {number(report.population)} dragna i {report.areas} delområden.")
    for overlap in report.overlaps:
        click.echo(overlap_line(overlap))
    if report.not_contacted:
        click.echo(f"Vill aldrig bli kontaktade, räknas som bortfall: {number(report.not_contacted)}")


def _tell_frame(report: "FrameReport") -> None:
    click.echo(f"{number(report.rows)} rader. {number(report.persons)} personer i urvalsramen.")
    click.echo(f"{report.municipalities} kommuner, {report.areas} delområden. Läst som {report.kind}.")
    click.echo(f"Med skyddade personuppgifter, utelämnade: {number(report.protected)}")
    for name, persons in report.elsewhere.items():
        click.echo(f"Inte med i omgången, utelämnade: {name} {number(persons)}")
    for code, persons in report.unknown_areas.items():
        click.echo(f"Okänt delområde: {code} {number(persons)}")
    if report.without_address:
        click.echo(f"Saknar adress och kan inte få brev: {number(report.without_address)}")
    warn([f"Färre än urvalet: {area}" for area in report.small_areas])
    warn([f"Avviker från befolkningen: {deviation}" for deviation in report.deviations])


COMMANDS = (wave_check_frame, wave_load_frame, wave_plan, wave_draw_sample)
