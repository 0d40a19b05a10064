"""The commands that take in what was collected elsewhere: whole waves, and published figures."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.cli.console import FILE, Flow, actor, databases, number
from survey.cli.waves import DAY, wave
from survey.clock import today

if TYPE_CHECKING:
    from survey.collection.imports import ImportReport


@wave.command("import")
@click.argument("bundle", type=FILE)
@click.option("--title", help="Som den står i listor och rapporter.")
@click.option("--source", help="Vem som samlade in svaren, och var filerna kommer från.")
@click.option("--population-date", type=DAY, help="Datum för filernas befolkning.")
@click.option("--field-start", type=DAY, help="Första svarsdag.")
@click.option("--field-end", type=DAY, help="Sista svarsdag.")
@click.option("--code", default="", metavar="KOD", help="Omgångens kod här; annars den i filerna.")
@click.option("--wave", default="", metavar="KOD", help="Vilken omgång, när filerna har flera.")
@click.option(
    "--questionnaire", default="trygghet", show_default=True, help="Frågeformuläret att översätta till."
)
@click.option("--mode", default="", help="Svarssätt (web, paper …) när responses.csv saknar kolumnen mode.")
@click.option("--synthetic", is_flag=True, help="Svaren är simulerade. Kan aldrig ändras.")
@click.option("--dry-run", is_flag=True, help="Pröva filerna och berätta, men spara inget.")
@click.option("--template", is_flag=True, help="Skriv ut en mapping.csv att fylla i, och inget mer.")
def wave_import(bundle: Path, *, dry_run: bool, template: bool, **settings: Any) -> None:
    """Ta in en omgång som samlats in på annat håll, ur mappen BUNDLE.

    Mappen har filerna som statistiken läser (python -m analysis): strata.csv, population.csv, sample.csv,
    responses.csv och indicators.csv, och dessutom

    \b
    mapping.csv  item, question, code, option, comparable, note
                 En rad för varje kod: vilken fråga och vilket svar den motsvarar hos oss.
                 Tomt option: räknas inte som svar. Tomma code och option: samma koder som hos oss.
                 comparable 0: frågan var en annan då och jämförs aldrig. Utelämnade items tas inte in.
    areas.csv    stratum, area_code, name (behövs bara när områdena heter eller är något annat)
                 Tom area_code: området finns inte kvar, och har sin historia bara i denna omgång.

    Omgången är stängd från början. Nästa omgång jämförs med den, kommun för kommun. Inga personer sparas.
    Ingenting kan ändras efteråt: pröva först med --dry-run. En rättad import får en kod som sorteras efter,
    till exempel 2023-2, och gäller då i stället.
    """
    from survey.collection.imports import ImportSettings, import_wave, mapping_template

    if template:
        click.echo(mapping_template(bundle, settings["questionnaire"]), nl=False)
        return
    _require(settings)
    days: dict[str, Any] = {
        name: value.date() if isinstance(value, datetime) else value for name, value in settings.items()
    }
    with databases() as stores, stores.transaction() as session:
        report = import_wave(session, bundle, ImportSettings(**days), actor(), today())
        if dry_run:
            session.rollback()
    _tell(report)
    click.echo(
        "Inget är sparat: det var en provkörning." if dry_run else f"Omgången {report.code} är importerad."
    )


@click.group(cls=Flow)
def series() -> None:
    """Siffror från mätningar som bara är kända genom det som publicerades."""


@series.command("import")
@click.argument("file", type=FILE)
@click.option("--synthetic", is_flag=True, help="Siffrorna är simulerade.")
def series_import(file: Path, synthetic: bool) -> None:
    """Läs in publicerade siffror som de står i FILE.

    \b
    FILE: wave, geography (all, municipality, area), code, gender, age_group, indicator, statistic, estimate,
          source, och om de är kända n, se, lower, upper. Andelar skrivs från 0 till 1, totaler som all.

    Siffrorna räknas aldrig om. En förändring sedan en siffra utan känd osäkerhet prövas aldrig.
    """
    from survey.preparation.series import import_series

    with databases() as stores, stores.transaction() as session:
        report = import_series(session, file, synthetic, actor(), today())
    click.echo(f"{number(report.figures)} siffror från {', '.join(report.waves)} är inlästa.")
    click.echo(f"Med känd osäkerhet, så att en förändring kan prövas: {number(report.testable)}")


@series.command("export")
@click.option("--synthetic", is_flag=True, help="De simulerade siffrorna i stället för de riktiga.")
def series_export(synthetic: bool) -> None:
    """Skriv ut siffrorna som den published.csv som statistiken läser (python -m analysis)."""
    from survey.preparation.series import export_series

    with databases() as stores, stores.reading() as session:
        click.echo(export_series(session, synthetic), nl=False)


def _require(settings: dict[str, Any]) -> None:
    """The options that only a template can do without."""
    needed = ("title", "source", "population_date", "field_start", "field_end")
    if missing := [name for name in needed if not settings[name]]:
        raise click.UsageError("Saknas: " + ", ".join(f"--{name.replace('_', '-')}" for name in missing))


def _tell(report: "ImportReport") -> None:
    click.echo(
        f"{number(report.answers)} svar av {number(report.sampled)} dragna "
        f"i {report.municipalities} kommuner och {report.areas} delområden."
    )
    if report.areas_added:
        click.echo(f"Delområden som bara finns i denna omgång: {report.areas_added}")
    click.echo(f"Frågor som kan jämföras: {len(report.comparable)}")
    for label, names in (
        ("Frågor som inte jämförs (avbrott)", report.broken),
        ("Items som inte togs in", report.left_out),
        ("Filer som inte används", report.unused_files),
        (
            "Svar på frågor som inte skulle ställas, borttagna",
            [f"{q} {n}" for q, n in report.off_path.items()],
        ),
    ):
        if names:
            click.secho(f"{label}: {', '.join(names)}", fg="yellow")
