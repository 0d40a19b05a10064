"""The mailings of a wave: what is sent when, the printing, what came back."""

from collections.abc import Sequence
from typing import Any

import click

from survey.cli.console import Fault, actor, databases, number, progress_bars
from survey.clock import today
from survey.config import Settings


@click.command("calendar")
@click.argument("code")
@click.option("--set", "days", multiple=True, metavar="SLAG=DATUM", help="Ändra dag; SLAG=- tar bort det.")
@click.option("--text", "texts", multiple=True, metavar="SLAG=TEXT", help="Ändra text; tom: den vanliga.")
def wave_calendar(code: str, days: Sequence[str], texts: Sequence[str]) -> None:
    """Visa eller ändra utskicken i omgången CODE: letter, card, form, last, sms."""
    from survey.collection.mailing_changes import changes_of
    from survey.collection.mailings import calendar, plan
    from survey.collection.usual_mailings import STATE_WORDS

    with databases() as stores:
        if days or texts:
            with stores.transaction() as session:
                plan(session, code, changes_of(days, texts), today(), actor())
        with stores.reading() as session:
            mailings = calendar(session, code, today())
    for one in mailings:
        waiting = f"högst {number(one.waiting)}" if one.countable else "räknas när breven är utskrivna"
        counts = f"{number(one.sent)} skickade" if one.sent else waiting
        line = f"{one.kind:<8}{one.planned_on or '–':<12}{STATE_WORDS[one.state]:<24}{counts}"
        click.secho(line, fg="yellow" if one.late else None)


@click.command("invite")
@click.argument("code")
@click.option("--area", metavar="KOD", help="Bara ett delområde; annars alla, ett i taget.")
def wave_invite(code: str, area: str | None) -> None:
    """Gör koder och brev till dem som inte har fått några."""
    printed = _print(code, area, "letter")
    click.echo(f"{number(printed)} brev i {Settings.from_environment().output / 'letters' / code}/")


@click.command("remind")
@click.argument("code")
@click.option("--kind", type=click.Choice(["card", "form", "last"]), required=True)
@click.option("--area", metavar="KOD", help="Bara ett delområde; annars alla, ett i taget.")
@click.option("--dry-run", is_flag=True, help="Räkna bara: vilka skulle få en påminnelse i dag?")
@click.option("--force", is_flag=True, help="Skicka nu, fast kalendern säger något annat.")
def wave_remind(code: str, kind: str, area: str | None, dry_run: bool, force: bool) -> None:
    """Gör kort, brev med formulär eller sista påminnelsen till dem som inte har svarat."""
    if dry_run:
        waiting = _waiting(code, area, kind)
        persons = number(sum(waiting.values()))
        click.echo(f"{persons} påminnelser i {len(waiting)} delområden. Ingenting är gjort.")
        return
    _require_on_plan(code, kind, force)
    printed = _print(code, area, kind)
    click.echo(f"{number(printed)} påminnelser i {Settings.from_environment().output / 'letters' / code}/")


@click.command("check-letters")
@click.argument("code")
def wave_check_letters(code: str) -> None:
    """Jämför de utskrivna filerna med listan som följer med dem till tryckeriet."""
    from survey.collection.manifest import check_letters

    with databases() as stores, stores.reading() as session:
        checked = check_letters(session, code, Settings.from_environment().output)
    if checked.faults:
        raise Fault("\n".join(checked.faults))
    click.echo(f"{checked.files} filer med {number(checked.letters)} utskick stämmer med listan.")


@click.command("returned")
@click.argument("code")
@click.argument("file", type=click.File(encoding="utf-8-sig", errors="replace"))
@click.option(
    "--kind",
    type=click.Choice(["returned", "moved", "deceased", "refused"]),
    default="returned",
    show_default=True,
    help="För rader som inte själva säger vad som har hänt.",
)
@click.option("--whole", is_flag=True, help="Spara ingenting om något nummer inte kan antecknas.")
def wave_returned(code: str, file: Any, kind: str, whole: bool) -> None:
    """Anteckna brev i retur ur FILE: ett referensnummer på varje rad, och händelse om den skiljer sig."""
    from survey.collection.returns import record_returns

    with databases() as stores, stores.transaction() as session:
        returns = record_returns(session, code, file.read(), kind, today(), actor(), whole=whole)
    for found, references in returns.lines.items():
        if references:
            words = found.value if returns.stored else found.unsaved
            click.echo(f"{words}: {number(len(references))}")
            if found.needs_a_look:
                click.echo("  " + ", ".join(references))
    if not returns.stored:
        raise Fault("Ingenting är sparat.")


def _waiting(code: str, area: str | None, kind: str) -> dict[str, int]:
    """How many of each area a mailing printed today goes to."""
    from survey.collection.recipients import area_codes, count_recipients
    from survey.models.mailing import MailingKind

    with databases() as stores, stores.reading() as session:
        wanted = area_codes(session, code, area)
        counted = count_recipients(session, code, MailingKind(kind), today())
    return {each: counted[each] for each in wanted if each in counted}


def _require_on_plan(code: str, kind: str, force: bool) -> None:
    from survey.collection.mailings import require_on_plan
    from survey.models.mailing import MailingKind

    how = "skicka nu ändå med --force."
    with databases() as stores, stores.transaction() as session:
        require_on_plan(session, code, MailingKind(kind), today(), actor(), forced=force, how=how)


def _print(code: str, area: str | None, kind: str) -> int:
    """Print file by file, each a transaction; whatever stops it, the next run goes on from there."""
    from survey.collection.letters import print_file
    from survey.models.mailing import MailingKind

    settings, waiting, printed = Settings.from_environment(), _waiting(code, area, kind), 0
    with databases() as stores, progress_bars() as bars:
        for each in waiting:
            while True:
                with stores.transaction() as session, stores.identity_transaction() as identity:
                    batch = print_file(
                        *(session, identity, code, each, settings, today(), actor()), kind=MailingKind(kind)
                    )
                if batch is None:
                    break
                printed += batch.letters
                bars("utskick, personer", printed, sum(waiting.values()))
    return printed


COMMANDS = (wave_calendar, wave_invite, wave_remind, wave_check_letters, wave_returned)
