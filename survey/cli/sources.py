"""Commands for what stands beside the survey: levels, vulnerable areas, series."""

from datetime import UTC, datetime
from pathlib import Path

import click

from survey.cli.console import FILE, Flow, actor, databases, warn


@click.group(cls=Flow)
def source() -> None:
    """Nivåer, utsatta områden och andra källors serier."""


@source.command("load")
@click.argument("kind", type=click.Choice(["levels", "vulnerable", "series"]))
@click.argument("file", type=FILE)
@click.option("--check", "only_check", is_flag=True, help="Säg bara vad filen skulle ge.")
@click.option("--code", default="", help="Serie: en kort kod.")
@click.option("--title", default="", help="Serie: vad den visar; annars filens rubrik.")
@click.option("--source", "from_whom", default="", help="Serie: varifrån; annars vad filen säger.")
@click.option("--limits", default="", help="Serie: vad den inte säger och vad som gör den osäker.")
@click.option("--unit", default="", help="Serie: vad som räknas; annars vad filen säger.")
@click.option("--audience", default="", help="Serie: public, municipality eller police.")
@click.option("--chosen", default="", help="Serie: värden i filens variabler, till exempel kön=kvinnor.")
@click.option("--place", default="", help="Serie: platsen när filen inte har någon, som municipality:0187.")
@click.option("--synthetic", is_flag=True, help="Serie: uppgifterna är påhittade.")
def source_load(
    kind: str, file: Path, *, only_check: bool, from_whom: str, synthetic: bool, **settings: str
) -> None:
    """Läs in en fil som har kontrollerats.

    \b
    levels: level, code, name, parent_level, parent_code, valid_from, valid_to.
    vulnerable: year, name, class, municipality_code, district_code, area_codes, source.
    series: level, code, period, value, note; eller en tabell som csv, xlsx, PX eller JSON-stat.
    """
    from survey.followup.source_files import check, load, sent_file
    from survey.preparation.csv_files import read_file

    said = {**settings, "source": from_whom, "synthetic": "ja" if synthetic else ""}
    sent = sent_file(kind, file.name, read_file(file), said)
    with databases() as stores, stores.transaction() as session:
        checked = check(session, sent) if only_check else load(session, sent, actor(), datetime.now(UTC))
    for line in (*checked.summary, *(one.words for one in checked.said)):
        click.echo(line)
    warn(checked.remarks)
    click.echo("Inget har sparats." if only_check else "Filen är inläst.")


@source.command("open")
@click.argument("code")
@click.option("--audience", required=True, help="municipality eller public.")
@click.option("--yes", is_flag=True, help="Öppna utan fråga.")
def source_open(code: str, audience: str, yes: bool) -> None:
    """Låt fler läsa serien CODE, med alla värden som är inlästa."""
    from survey.followup.audiences import AUDIENCE_WORDS
    from survey.followup.series.lookup import find_series
    from survey.followup.series.opening import open_series, values_held
    from survey.models.source import SourceAudience

    with databases() as stores:
        with stores.reading() as session:
            held = find_series(session, code, SourceAudience.POLICE).audience
            count = values_held(session, code)
        if not yes:
            told = f"Serien {code} får läsas av {AUDIENCE_WORDS[held]}. Den har {count} värden. Öppna alla?"
            click.confirm(told, abort=True)
        with stores.transaction() as session:
            open_series(
                session,
                code,
                held.value,
                audience,
                confirmed=True,
                reads_as=SourceAudience.POLICE,
                by=actor(),
            )
    click.echo(f"Serien {code} får nu läsas av {AUDIENCE_WORDS[SourceAudience(audience)]}.")


@source.command("unmark")
@click.argument("code")
@click.option("--reason", required=True, metavar="TEXT", help="Varför märkningen var fel.")
@click.option("--yes", is_flag=True, help="Ta bort utan fråga.")
def source_unmark(code: str, reason: str, yes: bool) -> None:
    """Ta bort märkningen påhittad från serien CODE, om inget undertecknat vilar på den."""
    from survey.followup.series.invented import unmark_invented
    from survey.followup.series.opening import values_held
    from survey.models.source import SourceAudience

    with databases() as stores:
        with stores.reading() as session:
            count = values_held(session, code)
        if not yes:
            click.confirm(f"Är alla {count} värden i serien {code} riktiga uppgifter?", abort=True)
        with stores.transaction() as session:
            unmark_invented(session, code, reason, confirmed=True, reads_as=SourceAudience.POLICE, by=actor())
    click.echo(f"Serien {code} är inte längre märkt som påhittad.")
