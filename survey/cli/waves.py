"""The commands of a wave, in the order they are used; each is a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from survey.cli import mailings, results, sampling
from survey.cli.console import Fault, Flow, actor, databases, number, warn
from survey.cli.participation import allow_incomplete, invite_municipalities, participation, recut
from survey.config import Settings

DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=Flow)
def wave() -> None:
    """En mätomgång, steg för steg."""


@wave.command("create")
@click.argument("code")
@click.option("--title", required=True, help="Som den står i brev och rapporter.")
@click.option("--questionnaire", default="trygghet", show_default=True, help="Frågeformulär i biblioteket.")
@click.option("--population-date", type=DAY, required=True, help="Datum för befolkning och register.")
@click.option("--field-start", type=DAY, required=True, help="Första svarsdag.")
@click.option("--field-end", type=DAY, required=True, help="Sista svarsdag.")
@click.option("--age-min", default=16, show_default=True, help="Yngsta ålder i urvalet.")
@click.option("--age-max", default=84, show_default=True, help="Äldsta ålder i urvalet.")
@click.option("--sample-per-area", default=300, show_default=True, help="Antal som dras i varje delområde.")
@click.option("--seed", type=int, help="Slumpfrö: samma frö ger samma urval. Annars dras ett.")
@click.option(
    "--contacts-until",
    type=DAY,
    help="Senaste dag för kontaktuppgifter; annars 30 dagar efter sista svarsdag.",
)
@click.option(
    "--links-until", type=DAY, help="Senaste dag för kopplingar; annars 90 dagar efter sista svarsdag."
)
@click.option(
    "--texts-until",
    type=DAY,
    help="Senaste dag för svar med egna ord; annars 180 dagar efter sista svarsdag.",
)
@click.option("--synthetic", is_flag=True, help="Svaren är simulerade. Kan aldrig ändras.")
def wave_create(code: str, **settings: Any) -> None:
    """Skapa omgången CODE, till exempel 2026 eller 2026-11, med sina inställningar."""
    from survey.preparation.new_waves import create_wave
    from survey.preparation.wave_changes import unloaded_population
    from survey.preparation.wave_settings import WaveSettings

    days: dict[str, Any] = {
        name: value.date() if isinstance(value, datetime) else value for name, value in settings.items()
    }
    with databases() as stores, stores.transaction() as session:
        seed = create_wave(session, WaveSettings(code=code, **days), actor()).seed
        unloaded = unloaded_population(session, code)
    click.echo(f"Omgången {code} är skapad. Slumpfrö: {seed}")
    warn([unloaded] if unloaded else [])


for command in (
    *(invite_municipalities, participation, recut, allow_incomplete),
    *sampling.COMMANDS,
    *mailings.COMMANDS,
):
    wave.add_command(command)


@wave.command("open")
@click.argument("code")
def wave_open(code: str) -> None:
    """Öppna omgången för svar."""
    from survey.preparation.waves import open_wave

    with databases() as stores, stores.transaction() as session:
        open_wave(session, code, actor())
    click.echo(f"Omgången {code} är öppen.")


@wave.command("snapshot")
@click.argument("code", required=False)
def wave_snapshot(code: str | None) -> None:
    """Spara fältarbetets dagar för kommunernas sidor. Körs en gång om dagen; utan CODE för alla öppna."""
    from survey.clock import today
    from survey.collection import snapshots

    with databases() as stores, stores.transaction() as session:
        if code:
            kept = {code: snapshots.take(session, code, today(), actor())}
        else:
            kept = snapshots.take_due(session, today(), actor())
    for wave_code, days in kept.items():
        click.echo(f"{wave_code}: {days} dagar sparade.")


@wave.command("open-link")
@click.argument("code")
@click.argument("municipalities", nargs=-1)
@click.option("--on/--off", "is_open", default=None, help="Öppna eller stäng; utan val visas hur det är.")
def wave_open_link(code: str, municipalities: Sequence[str], is_open: bool | None) -> None:
    """Låt vem som helst svara för kommuner, vid sidan av urvalet; svaren hålls isär och vägs aldrig."""
    from survey.collection.open_links import count_open_links, set_open_link

    settings = Settings.from_environment()
    if (is_open is None) is bool(municipalities):
        raise Fault("Ange kommuner och --on eller --off, eller varken det ena eller det andra.")
    with databases() as stores:
        with stores.transaction() as session:
            for municipality in municipalities:
                set_open_link(session, code, municipality, bool(is_open), actor())
        with stores.reading() as session:
            links = count_open_links(session, code)
    for link in links:
        state = "öppen" if link.is_open else "stängd"
        address = f"{settings.base_url}/oppen/{code}/{link.municipality_code}"
        click.echo(f"{address}  {state}, {number(link.submitted)} svar")


@wave.command("list")
def wave_list() -> None:
    """Visa alla omgångar."""
    from survey.preparation.waves import list_waves

    with databases() as stores, stores.reading() as session:
        for found in list_waves(session):
            mark = "  simulerad" if found.synthetic else ""
            click.echo(f"{found.code:<12} {found.status:<20} {found.field_start}–{found.field_end}{mark}")


@wave.command("status")
@click.argument("code")
def wave_status(code: str) -> None:
    """Visa hur långt omgången CODE har kommit."""
    from survey.collection.closing import fieldwork
    from survey.collection.fieldwork import modes_in_words
    from survey.collection.imports import origin_of
    from survey.preparation.waves import wave_status as find_status

    with databases() as stores, stores.reading() as session:
        found, field = find_status(session, code), fieldwork(session, code)
        origin = origin_of(session, code)
        how = modes_in_words(session, code)
    rows = {
        "Status": found.status,
        "Simulerade svar": "ja" if found.synthetic else "nej",
        "Svarstid": f"{found.field_start}–{found.field_end}",
        "Kommuner som är med": number(len(found.accepted)),
        "Kommuner som tackat nej": number(len(found.declined)),
        "Delområden": number(found.areas),
        "Personer i urvalsramen": number(found.population),
        "Dragna": number(field.sampled),
        "Har fått brev": number(field.invited),
        "Har börjat svara": number(field.started),
        "Har lämnat in": number(field.submitted),
        "Svarssätt": ", ".join(f"{words} {number(count)}" for words, count in how.items()) or "–",
        "Har tagit tillbaka": number(field.withdrawn),
    }
    if origin:
        rows["Importerad från"] = origin
    click.echo(f"{found.code}  {found.title}")
    for label, value in rows.items():
        click.echo(f"  {label:<26}{value}")


@wave.command("close")
@click.argument("code")
@click.option("--yes", is_flag=True, help="Stäng utan fråga, också före sista svarsdagen.")
def wave_close(code: str, yes: bool) -> None:
    """Stäng omgången för gott: inga fler svar tas emot."""
    from survey.collection.closing import close_wave, days_too_early

    with databases() as stores:
        with stores.reading() as session:
            early = days_too_early(session, code)
        if early and not yes:
            click.confirm(f"Sista svarsdagen är om {early} dagar. Stäng {code} ändå?", abort=True)
        with stores.transaction() as session:
            counted = close_wave(session, code, actor())
    click.echo(
        f"Omgången {code} är stängd med {number(counted.submitted)} svar av {number(counted.sampled)}."
    )


@wave.command("void")
@click.argument("code")
@click.option("--reason", required=True, help="Varför omgången ges upp; står kvar i listan.")
def wave_void(code: str, reason: str) -> None:
    """Makulera en omgång som inte är stängd: inga brev, inga svar, inget resultat. Kan inte ångras."""
    from survey.collection.closing import void_wave
    from survey.collection.uploads import discard

    output = Settings.from_environment().output
    with databases() as stores, stores.transaction() as session:
        counted = void_wave(session, code, reason, actor())
        discard(session, output, code, actor())
    click.echo(
        f"Omgången {code} är makulerad, med {number(counted.sampled)} dragna. Gallra: trygg wave forget"
    )


@wave.command("forget")
@click.argument("code")
@click.argument("act", metavar="contacts|links|texts")
@click.option("--decision", metavar="NUMMER", help="Gallringsbeslutets nummer. En person begär.")
@click.option("--approve", is_flag=True, help="Utför det som en annan person har begärt.")
def wave_forget(code: str, act: str, decision: str | None, approve: bool) -> None:
    """Förstör kontaktuppgifter, sedan kopplingen mellan person och svar; svar med egna ord för sig.

    Kräver två personer.
    """
    from survey.collection import forgetting

    if approve == (decision is not None):
        raise Fault("Ange --decision NUMMER för att begära, eller --approve för att utföra.")
    with databases() as stores:
        if decision is not None:
            with stores.transaction() as session:
                forgetting.request(session, code, act, decision, actor())
            click.echo(f"Begärt. En annan person utför: trygg wave forget {code} {act} --approve")
            return
        certificate = forgetting.carry_out(stores, code, act, Settings.from_environment().output, actor())
    click.echo(f"Utfört för omgången {code}, {act}:")
    for name, count in certificate.items():
        click.echo(f"  {name:<30}{number(count)}")


for command in results.COMMANDS:
    wave.add_command(command)
