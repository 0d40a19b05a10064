"""Commands for who takes part in a wave: invite, note answers, decide on areas and on what may be missing."""

from collections.abc import Sequence
from datetime import datetime

import click

from survey.cli.console import Fault, actor, databases, number
from survey.clock import today


@click.command("invite-municipalities")
@click.argument("code")
@click.argument("municipalities", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="Alla inlästa kommuner som inte har svarat.")
@click.option("--answer-until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Sista dag att svara.")
@click.option("--text", required=True, help="Vad kommunen läser i sin inbjudan.")
def invite_municipalities(
    code: str, municipalities: Sequence[str], everybody: bool, answer_until: datetime, text: str
) -> None:
    """Bjud in kommuner till omgången CODE; de svarar på sina egna sidor."""
    from survey.preparation.participation import invite, participants

    if everybody == bool(municipalities):
        raise Fault("Ange kommuner eller --all, inte båda.")
    with databases() as stores, stores.transaction() as session:
        chosen = (
            [one.municipality_code for one in participants(session, code)] if everybody else municipalities
        )
        invited = invite(session, code, chosen, answer_until.date(), text, actor(), today())
    click.echo(f"Inbjudna till {code}: {', '.join(invited) or 'inga, alla har svarat'}")


@click.command("participation")
@click.argument("code")
@click.argument("municipalities", nargs=-1)
@click.option("--yes/--no", "accepted", default=None, help="Svaret; utan val visas hur det står till.")
@click.option("--reason", default="", help="Varför, eller hur svaret kom.")
def participation(code: str, municipalities: Sequence[str], accepted: bool | None, reason: str) -> None:
    """Anteckna om kommuner är med i omgången CODE, eller visa vilka som har svarat."""
    from survey.preparation.waves import set_participation

    if (accepted is None) is bool(municipalities):
        raise Fault("Ange kommuner och --yes eller --no, eller varken det ena eller det andra.")
    if accepted is None:
        _show(code)
        return
    with databases() as stores, stores.transaction() as session:
        for municipality in municipalities:
            set_participation(session, code, municipality, accepted, actor(), reason)
    click.echo(f"{code}, {'är med' if accepted else 'är inte med'}: {', '.join(municipalities)}")


@click.command("recut")
@click.argument("code")
@click.argument("municipality")
@click.option("--apply", "applied", is_flag=True, help="Inför den indelning som kommunen har föreslagit.")
@click.option("--refuse", "because", metavar="SKÄL", help="Avslå den, och säg varför.")
def recut(code: str, municipality: str, applied: bool, because: str | None) -> None:
    """Visa, inför eller avslå en kommuns förslag till nya delområden i omgången CODE."""
    from survey.preparation import recuts

    if applied and because is not None:
        raise Fault("Ange --apply eller --refuse, inte båda.")
    with databases() as stores, stores.transaction() as session:
        if applied:
            codes = recuts.apply(session, code, municipality, actor())
            click.echo(f"Nya delområden, utan historia: {', '.join(codes)}")
        elif because is not None:
            recuts.refuse(session, code, municipality, because, actor())
            click.echo("Förslaget är avslaget.")
        else:
            proposal = recuts.find_proposal(session, code, municipality)
            click.echo(
                recuts.CHOICE_WORDS[proposal.choice] if proposal else "Kommunen har inte sagt något än."
            )
            for area in proposal.listing if proposal else ():
                click.echo(f"  {area.name}: {' '.join(area.keys)}")


@click.command("allow-incomplete")
@click.argument("code")
@click.argument("municipalities", nargs=-1, required=True)
@click.option("--reason", required=True, help="Varför urvalet får dras ändå.")
def allow_incomplete(code: str, municipalities: Sequence[str], reason: str) -> None:
    """Låt urvalet dras fast kommuner som tackat ja inte har lämnat allt."""
    from survey.preparation import completeness

    with databases() as stores, stores.transaction() as session:
        for municipality in municipalities:
            completeness.allow_incomplete(session, code, municipality, reason, actor())
    click.echo(f"Urvalet i {code} får dras ändå för: {', '.join(municipalities)}")


def _show(code: str) -> None:
    from survey.preparation.participation import ANSWER_WORDS
    from survey.preparation.standings import list_standings

    with databases() as stores, stores.reading() as session:
        found = list_standings(session, code)
    for standing in found:
        one = standing.participant
        extra = f"extra {number(standing.extra)}" if standing.extra else ""
        told = [ANSWER_WORDS[one.answer], standing.words, extra]
        click.echo(f"{one.municipality_code} {one.municipality:<20} {', '.join(filter(None, told))}")
