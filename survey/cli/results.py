"""Commands from the closed wave to what people read: figures, their release, files."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from survey.cli.console import FILE, Fault, actor, databases, number, progress_bars, warn
from survey.config import Settings

AUDIENCES = {
    "region": "polisregionen",
    "police": "lokalpolisområdena",
    "municipality": "kommunerna",
    "public": "allmänheten",
}
REPORTS_ORDERED = "Rapporter och filer skrivs av arbetaren. Vill du inte vänta: trygg wave report {}"


@click.command("process")
@click.argument("code")
def wave_process(code: str) -> None:
    """Väg, skatta, jämför och skydda: ett utkast till resultat."""
    from survey.processing.releases import compute, keep_draft

    with databases() as stores, progress_bars() as bars:
        with stores.reading() as session:
            computed = compute(session, code, progress=bars)
        with stores.transaction() as session:
            draft = keep_draft(session, computed, by=actor(), progress=bars)
    warn(draft.remarks)
    for earlier, municipalities in sorted(draft.compared_with.items()):
        many = "kommun" if len(municipalities) == 1 else "kommuner"
        click.echo(f"Jämfört med {earlier}: {len(municipalities)} {many}")
    click.echo(f"Ett utkast till version {draft.version} av resultatet för {code} är sparat.")


def _audience_times(command: Callable[..., None]) -> Callable[..., None]:
    """An option for when each audience may read; a decorator of commands."""
    for name, words in reversed(AUDIENCES.items()):
        command = click.option(f"--{name}", metavar="TID", help=f"När {words} får läsa: 2027-01-31 09:00.")(
            command
        )
    return command


@click.command("release")
@click.argument("code")
@click.option("--reason", help="Varför en ny version ersätter den förra.")
@click.option("--reviewed", is_flag=True, help="Allt i granskningens lista är gjort. Krävs för riktiga svar.")
@_audience_times
def wave_release(code: str, reason: str | None, reviewed: bool, **times: str | None) -> None:
    """Släpp utkastet: det kan sedan aldrig ändras.

    Utan tider får alla läsa genast. Den som saknar en tid får läsa samtidigt som den innan.
    """
    from survey.processing.approval import ask
    from survey.processing.checklist import ITEMS
    from survey.processing.orders import order_reports

    settings = Settings.from_environment()
    with databases() as stores, stores.transaction() as session:
        asked = ask(
            session,
            code,
            _written(times),
            reason,
            by=actor(),
            two_persons=settings.release_approval,
            ticked=ITEMS if reviewed else (),
        )
        if asked.released:
            order_reports(session, code, actor(), datetime.now(UTC))
    if asked.released:
        click.echo(f"Version {asked.version} av resultatet för {code} är släppt.")
        click.echo(REPORTS_ORDERED.format(code))
        return
    click.echo(f"Begärt: version {asked.version} av resultatet för {code}. Inget är släppt än.")
    click.echo(f"En annan person släpper: trygg wave approve {code}")


@click.command("approve")
@click.argument("code")
def wave_approve(code: str) -> None:
    """Släpp det som en annan person har begärt."""
    from survey.processing.approval import approve
    from survey.processing.orders import order_reports

    with databases() as stores, stores.transaction() as session:
        released = approve(session, code, by=actor())
        order_reports(session, code, actor(), datetime.now(UTC))
    click.echo(f"Version {released.version} av resultatet för {code} är släppt.")
    click.echo(REPORTS_ORDERED.format(code))


@click.command("embargo")
@click.argument("code")
@_audience_times
def wave_embargo(code: str, **times: str | None) -> None:
    """Ändra när de får läsa som ännu inte får det."""
    from survey.processing.embargoes import change

    with databases() as stores, stores.transaction() as session:
        change(session, code, _written(times), by=actor(), now=datetime.now(UTC))
    click.echo(f"Tiderna för resultatet av {code} är ändrade.")


def _written(times: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in times.items() if text is not None}


@click.command("report")
@click.argument("code")
@click.option("--municipality", "chosen", metavar="KOD", multiple=True, help="Bara denna kommuns rapport.")
@click.option("--language", metavar="SPRÅK", help="Rapporterna på ett annat språk, som en; inga andra filer.")
def wave_report(code: str, chosen: tuple[str, ...], language: str | None) -> None:
    """Skriv rapporter och filer att ladda ner ur det släppta resultatet, med en förteckning."""
    if language:
        _write_edition(code, chosen, language)
        return
    from survey.followup.promises.receipt import report_receipts
    from survey.processing.orders import reports_written
    from survey.publication.report.batches import write_everything

    settings = Settings.from_environment()
    output = settings.output
    with databases() as stores, progress_bars() as bars:
        written = write_everything(
            *(stores, code, output, chosen or None),
            by=actor(),
            languages=settings.report_languages,
            progress=bars,
            receipts=report_receipts,
        )
        if not chosen:
            with stores.transaction() as session:
                reports_written(session, code, datetime.now(UTC))
    click.echo(f"{len(written.reports)} rapporter i {output / 'reports' / code}/")
    for language in settings.report_languages:
        click.echo(f"Rapporter på {language} i {output / f'reports-{language}' / code}/")
    click.echo(f"{len(written.downloads)} filer i {written.downloads.folder}/")
    _tell_failed(written.failed)


def _write_edition(code: str, chosen: tuple[str, ...], language: str) -> None:
    from survey.followup.promises.receipt import report_receipts
    from survey.publication.report.editions import write_edition

    output = Settings.from_environment().output
    with databases() as stores, progress_bars() as bars:
        files, failed = write_edition(
            stores, code, output, language, chosen, by=actor(), progress=bars, receipts=report_receipts
        )
    click.echo(f"{len(files)} nya rapporter på språket {language} i {output / f'reports-{language}' / code}/")
    _tell_failed(failed)


def _tell_failed(failed: Mapping[str, str]) -> None:
    if failed:
        raise Fault("\n".join(f"Inte gjort: {name}: {why}" for name, why in failed.items()))


@click.command("microdata")
@click.argument("code")
@click.argument("file", type=FILE)
@click.option("--analyst", metavar="E-POST", required=True, help="Analytikern som får filen.")
@click.option("--decision", metavar="NUMMER", required=True, help="Beslutet att lämna ut uppgifterna.")
def wave_microdata(code: str, file: Path, analyst: str, decision: str) -> None:
    """Skriv förgrovade svar i FILE, .csv eller .sav, och en kodbok till en analytiker. Sekretessbelagt."""
    from survey.permissions import Permission, role_may
    from survey.preparation.accounts import role_of
    from survey.processing.microdata import export_microdata, prepare_microdata

    with databases() as stores:
        with stores.reading() as session:
            if not role_may(role_of(session, analyst) or "", Permission.EXPORT_MICRODATA):
                raise Fault(f"{analyst} har inget konto som analytiker och får inga mikrodata.")
            prepared = prepare_microdata(session, code, decision)
        with stores.transaction() as session:
            written = export_microdata(session, prepared, file, analyst=analyst, by=actor())
    click.echo(f"{number(written.rows)} svar i {written.data}")
    click.echo(f"Undertryckta värden: {number(sum(written.suppressed.values()))}")
    click.echo(f"Kodbok i {written.codebook}")


COMMANDS = (wave_process, wave_release, wave_approve, wave_embargo, wave_report, wave_microdata)
