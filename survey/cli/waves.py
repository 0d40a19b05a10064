"""The commands of a wave, in the order they are used; each is a transaction of its own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.cli import mailings
from survey.cli.console import FILE, Fault, Flow, actor, databases, number, progress_bars
from survey.cli.participation import allow_incomplete, invite_municipalities, participation, recut
from survey.cli.plan_table import overlap_line, plan_lines
from survey.config import Settings

if TYPE_CHECKING:
    from survey.collection.frame_check import FrameReport

DAY = click.DateTime(["%Y-%m-%d"])
MOST_WARNINGS = 5
AUDIENCES = {
    "region": "polisregionen",
    "police": "lokalpolisområdena",
    "municipality": "kommunerna",
    "public": "allmänheten",
}


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
@click.option("--synthetic", is_flag=True, help="Svaren är simulerade. Kan aldrig ändras.")
def wave_create(code: str, **settings: Any) -> None:
    """Skapa omgången CODE, till exempel 2026 eller 2026-11, med sina inställningar."""
    from survey.preparation.wave_settings import WaveSettings
    from survey.preparation.waves import create_wave

    days: dict[str, Any] = {
        name: value.date() if isinstance(value, datetime) else value for name, value in settings.items()
    }
    with databases() as stores, stores.transaction() as session:
        seed = create_wave(session, WaveSettings(code=code, **days), actor()).seed
    click.echo(f"Omgången {code} är skapad. Slumpfrö: {seed}")


for command in (invite_municipalities, participation, recut, allow_incomplete):
    wave.add_command(command)


@wave.command("check-frame")
@click.argument("code")
@click.argument("file", type=FILE)
def wave_check_frame(code: str, file: Path) -> None:
    """Kontrollera registerfilen FILE och visa allt som är fel; inget sparas."""
    from survey.collection.frame_check import check_frame

    with databases() as stores, stores.reading() as session, progress_bars() as bars:
        check = check_frame(session, code, file, bars)
    _tell_frame(check.report)
    check.require_sound()
    click.echo("Filen kan läsas in.")


@wave.command("load-frame")
@click.argument("code")
@click.argument("file", type=FILE)
def wave_load_frame(code: str, file: Path) -> None:
    """Kontrollera registerfilen FILE och spara urvalsramens antal, inga personer."""
    from survey.collection.frames import load_frame

    with databases() as stores, stores.transaction() as session, progress_bars() as bars:
        report = load_frame(session, code, file, actor(), bars)
    _tell_frame(report)


@wave.command("plan")
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

    from survey.preparation.plans import plan_of
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


@wave.command("draw-sample")
@click.argument("code")
@click.argument("file", type=FILE)
def wave_draw_sample(code: str, file: Path) -> None:
    """Dra urvalet ur samma registerfil; bara de dragna sparas."""
    from survey.collection.samples import draw_sample

    # The contacts, innermost, are committed first: without them the cases would be nobody.
    with (
        databases() as stores,
        stores.transaction() as session,
        stores.identity_transaction() as identity,
        progress_bars() as bars,
    ):
        key = Settings.from_environment().do_not_contact_key
        report = draw_sample(session, identity, code, file, actor(), bars, do_not_contact_key=key)
    click.echo(f"{number(report.sampled)} av {number(report.population)} dragna i {report.areas} delområden.")
    for overlap in report.overlaps:
        click.echo(overlap_line(overlap))
    if report.not_contacted:
        click.echo(f"Vill aldrig bli kontaktade, räknas som bortfall: {number(report.not_contacted)}")


for command in mailings.COMMANDS:
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
def wave_close(code: str) -> None:
    """Stäng omgången för gott: inga fler svar tas emot."""
    from survey.collection.closing import close_wave

    with databases() as stores, stores.transaction() as session:
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
@click.argument("act", metavar="contacts|links")
@click.option("--decision", metavar="NUMMER", help="Gallringsbeslutets nummer. En person begär.")
@click.option("--approve", is_flag=True, help="Utför det som en annan person har begärt.")
def wave_forget(code: str, act: str, decision: str | None, approve: bool) -> None:
    """Förstör kontaktuppgifter, sedan kopplingen mellan person och svar. Kräver två personer."""
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


@wave.command("process")
@click.argument("code")
def wave_process(code: str) -> None:
    """Väg, skatta, jämför och skydda: ett utkast till resultat."""
    from survey.processing.releases import compute, keep_draft

    with databases() as stores, progress_bars() as bars:
        with stores.reading() as session:
            computed = compute(session, code, progress=bars)
        with stores.transaction() as session:
            draft = keep_draft(session, computed, by=actor(), progress=bars)
    _warn(draft.warnings)
    for earlier, municipalities in sorted(draft.compared_with.items()):
        click.echo(f"Jämfört med {earlier}: {len(municipalities)} kommuner")
    click.echo(f"Ett utkast till version {draft.version} av resultatet för {code} är sparat.")


def _audience_times(command: Callable[..., None]) -> Callable[..., None]:
    """An option for when each audience may read; a decorator of commands."""
    for name, words in reversed(AUDIENCES.items()):
        command = click.option(f"--{name}", metavar="TID", help=f"När {words} får läsa: 2027-01-31 09:00.")(
            command
        )
    return command


@wave.command("release")
@click.argument("code")
@click.option("--reason", help="Varför en ny version ersätter den förra.")
@_audience_times
def wave_release(code: str, reason: str | None, **times: str | None) -> None:
    """Släpp utkastet: det kan sedan aldrig ändras.

    Utan tider får alla läsa genast. Den som saknar en tid får läsa samtidigt som den innan.
    """
    from survey.processing.approval import ask

    settings = Settings.from_environment()
    with databases() as stores, stores.transaction() as session:
        asked = ask(session, code, _written(times), reason, by=actor(), two_persons=settings.release_approval)
    if asked.released:
        click.echo(f"Version {asked.version} av resultatet för {code} är släppt.")
        return
    click.echo(f"Begärt: version {asked.version} av resultatet för {code}. Inget är släppt än.")
    click.echo(f"En annan person släpper: trygg wave approve {code}")


@wave.command("approve")
@click.argument("code")
def wave_approve(code: str) -> None:
    """Släpp det som en annan person har begärt."""
    from survey.processing.approval import approve

    with databases() as stores, stores.transaction() as session:
        released = approve(session, code, by=actor())
    click.echo(f"Version {released.version} av resultatet för {code} är släppt.")


@wave.command("embargo")
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


@wave.command("report")
@click.argument("code")
@click.option("--municipality", "chosen", metavar="KOD", multiple=True, help="Bara denna kommuns rapport.")
def wave_report(code: str, chosen: tuple[str, ...]) -> None:
    """Skriv rapporter och filer att ladda ner ur det släppta resultatet, med en förteckning."""
    from survey.publication.exports import record_downloads, write_downloads
    from survey.publication.reports import record_reports, render_reports

    output = Settings.from_environment().output
    with databases() as stores, progress_bars() as bars:
        with stores.reading() as session:
            batch = render_reports(session, code, output, chosen or None, bars)
            files = write_downloads(session, code, output, bars)
        with stores.transaction() as session:
            record_reports(session, batch, by=actor())
            record_downloads(session, code, files, by=actor())
    click.echo(f"{len(batch)} rapporter i {output / 'reports' / code}/")
    click.echo(f"{len(files)} filer i {output / 'release' / code}/")
    if batch.failed:
        raise Fault("\n".join(f"Ingen rapport för {name}: {why}" for name, why in batch.failed.items()))


@wave.command("microdata")
@click.argument("code")
@click.argument("file", type=FILE)
@click.option("--analyst", metavar="E-POST", required=True, help="Analytikern som får filen.")
@click.option("--decision", metavar="NUMMER", required=True, help="Beslutet att lämna ut uppgifterna.")
def wave_microdata(code: str, file: Path, analyst: str, decision: str) -> None:
    """Skriv förgrovade svar i FILE, .csv eller .sav, och en kodbok till en analytiker. Sekretessbelagt."""
    from survey.access import Permission, role_may
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
    _warn([f"Färre än urvalet: {area}" for area in report.small_areas])
    _warn([f"Avviker från befolkningen: {deviation}" for deviation in report.deviations])


def _warn(remarks: Sequence[str]) -> None:
    for remark in remarks[:MOST_WARNINGS]:
        click.secho(remark, fg="yellow")
    if len(remarks) > MOST_WARNINGS:
        click.secho(f"… och {len(remarks) - MOST_WARNINGS} anmärkningar till; alla är sparade.", fg="yellow")
