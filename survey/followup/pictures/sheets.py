"""The sheets of a situation picture: the same on every level, so that pictures can be put together."""

from collections.abc import Iterator, Sequence
from datetime import date

from survey.followup.audiences import AUDIENCE_WORDS
from survey.followup.pictures.content import Measure, Picture, Text
from survey.followup.pictures.drafts import PARTS
from survey.models.source import SourceAudience
from survey.notice import file_suffix
from survey.publication.downloads.files import slug
from survey.publication.downloads.sheets import (
    CHANGE_COLUMNS,
    Cell,
    Column,
    Kind,
    Sheet,
    change_cells,
    share_cells,
    share_columns,
)
from survey.publication.downloads.workbooks import About, write_workbook
from survey.questionnaire import indicators as library

_LEVEL, _PLACE = Column("Nivå", width=18), Column("Plats", width=26)
_MEASURE, _TOPIC = Column("Mått", width=34), Column("Ämne", width=20)
_TOPICS = {one.id: one.title for one in library.topics()}
EMPTY_PART = "Inget är skrivet här än."


def workbook(picture: Picture) -> bytes:
    """The picture as an Excel file."""
    made = date.fromisoformat(picture.period.released_on)
    return write_workbook(picture_sheets(picture), About(title_of(picture), picture.notice, made))


def file_name(picture: Picture, extension: str) -> str:
    """ "lagesbild-kommun-0187-vaxholm-2022-SIMULERADE-SVAR.xlsx"."""
    place = picture.place
    parts = ("lagesbild", slug(place.level_word), place.code, slug(place.name), picture.period.wave)
    return f"{'-'.join(parts)}{file_suffix(picture.synthetic)}.{extension}"


def title_of(picture: Picture) -> str:
    return f"Lägesbild, {picture.place.name} ({picture.kind}), {picture.period.name}"


def picture_sheets(picture: Picture) -> tuple[Sheet, ...]:
    """Every sheet in the order of the page; one with nothing to say has no rows."""
    return (
        _read_me(picture),
        _measures(picture),
        _groups(picture),
        _parts(picture),
        _vulnerable(picture),
        _series(picture),
        _events(picture),
        _promises(picture),
        _texts(picture),
        _sources(picture),
    )


def _sheet(
    picture: Picture, name: str, intro: str, columns: Sequence[Column], rows: Iterator[tuple[Cell, ...]]
) -> Sheet:
    return Sheet(name, f"{name}. {title_of(picture)}", intro, tuple(columns), tuple(rows))


def _read_me(picture: Picture) -> Sheet:
    period = picture.period
    rows: list[tuple[Cell, ...]] = [
        ("Obs", picture.notice),
        ("Plats", f"{picture.place.name} ({picture.place.code})"),
        ("Nivå", picture.kind),
        ("Mätning", f"{period.title}, utgåva {period.version}"),
        ("Svarstid", f"{period.first_day}–{period.last_day}"),
        ("Jämförs med", period.previous),
        *(("Det viktigaste", one) for one in picture.summary),
        ("Problemprofil", picture.profile.said),
        ("Utveckling", picture.development.counts),
        *(("Jämförelse", f"{one.counts} {one.note}".strip()) for one in picture.beside),
        ("Vilka som svarade", picture.response),
        *((f"Kvalitet: {one.label}", f"{one.value}. {one.meaning}") for one in picture.quality),
        *(("Begränsning", one) for one in picture.limits),
    ]
    columns = (Column("Uppgift", width=28), Column("Svar", width=110))
    intro = "Vad lägesbilden vilar på och vad den inte kan säga."
    return _sheet(picture, "Läs detta", intro, columns, (row for row in rows if row[1] != ""))


def _measure_cells(measure: Measure) -> tuple[Cell, ...]:
    return (
        _TOPICS.get(measure.topic, measure.topic),
        measure.label,
        *share_cells(measure.now),
        *change_cells(measure.change),
    )


def _measures(picture: Picture) -> Sheet:
    rank = {name: number for number, name in enumerate(picture.profile.order, start=1)}
    columns = (
        _TOPIC,
        _MEASURE,
        *share_columns(picture.period.name),
        *CHANGE_COLUMNS,
        Column("Plats i problemprofilen", Kind.COUNT, 14, "Efter storlek. Ordningen är sällan säker."),
    )
    intro = picture.joint_note or picture.profile.said
    rows = ((*_measure_cells(one), rank.get(one.indicator)) for one in picture.measures)
    return _sheet(picture, "Mått", intro, columns, rows)


def _groups(picture: Picture) -> Sheet:
    columns = (
        _MEASURE,
        Column("Grupp", width=16),
        *share_columns(picture.period.name),
        Column("Säkert", width=60),
    )
    rows = ((one.label, one.group, *share_cells(one.now), "; ".join(one.findings)) for one in picture.groups)
    return _sheet(picture, "Grupper", "Grupper där något är statistiskt säkerställt.", columns, rows)


def _parts(picture: Picture) -> Sheet:
    columns = (
        _LEVEL,
        _PLACE,
        Column("Kod"),
        _TOPIC,
        _MEASURE,
        *share_columns(picture.period.name),
        *CHANGE_COLUMNS,
        Column("Förändring sedan", width=18),
    )
    rows = (
        (part.place.level_word, part.place.name, part.place.code, *_measure_cells(one), part.previous)
        for part in picture.parts
        for one in part.measures
    )
    intro = "Samma siffror som i delarnas egna lägesbilder. De räknas inte ihop."
    return _sheet(picture, "Delar", intro, columns, rows)


def _vulnerable(picture: Picture) -> Sheet:
    columns = (Column("Område", width=30), Column("År"), Column("Polisens klass", width=30))
    rows = ((one.name, year, found) for one in picture.vulnerable.areas for year, found in one.classes)
    return _sheet(picture, "Utsatta områden", picture.vulnerable.said, columns, rows)


def _series(picture: Picture) -> Sheet:
    columns = (
        Column("Serie", width=34),
        Column("Period"),
        Column("Värde", Kind.NUMBER),
        Column("Enhet", width=20),
        Column("Anmärkning", width=30),
        Column("Källa", width=40),
        Column("Begränsningar", width=60),
    )
    rows = (
        (one.title, point.period, point.value, one.unit, point.note, one.source, one.limits)
        for one in picture.other_sources
        for point in one.values
    )
    return _sheet(picture, "Andra källor", "Visas bredvid enkäten och vägs inte ihop med den.", columns, rows)


def _events(picture: Picture) -> Sheet:
    columns = (
        Column("Från"),
        Column("Till"),
        Column("Slag", width=22),
        Column("Händelse", width=70),
        _PLACE,
        Column("Källa", width=40),
    )
    rows = ((one.starts_on, one.ends_on, one.kind, one.text, one.place, one.source) for one in picture.events)
    return _sheet(picture, "Händelser", "Kring insamlingen. De förklarar inga siffror.", columns, rows)


def _promises(picture: Picture) -> Sheet:
    columns = (
        _PLACE,
        Column("Löfte", width=50),
        Column("Problem", width=50),
        Column("Ansvarig", width=24),
        Column("Åtgärder", width=60),
        Column("Mål", width=50),
        Column("Följs upp", width=20),
        Column("Läge", width=20),
        Column("Vad som är känt", width=70),
        Column("Jämförelse", width=50),
        Column("Senaste anteckning", width=50),
    )
    rows = (
        (
            one.place,
            one.title,
            one.problem,
            one.owner,
            "; ".join(one.measures),
            one.goal,
            one.due,
            one.status,
            " ".join(one.said),
            " ".join(one.beside),
            one.note,
        )
        for one in picture.promises
    )
    return _sheet(picture, "Löften", "Undertecknade av polis och kommun, och hur det går.", columns, rows)


def _texts(picture: Picture) -> Sheet:
    """The parts that the law asks for, empty ones too, then the notes."""
    written = {one.part: one for one in picture.texts}
    parts = ((title, written.get(part)) for part, (title, _) in PARTS.items())
    rows = [*parts, *((one.title, one) for one in picture.notes)]
    columns = (Column("Del", width=26), Column("Text", width=110), Column("Skriven"), Column("För", width=20))
    return _sheet(
        picture, "Texter", "Skrivna av polis och kommun.", columns, (_text_row(*row) for row in rows)
    )


def _text_row(title: str, text: Text | None) -> tuple[Cell, ...]:
    if text is None:
        return (title, EMPTY_PART, "", "")
    return (title, text.text, text.written_on, AUDIENCE_WORDS[SourceAudience(text.audience)])


def _sources(picture: Picture) -> Sheet:
    columns = (
        Column("Källa", width=44),
        Column("Används"),
        Column("Varför", width=70),
        Column("Underlag", width=60),
    )
    rows = ((one.name, "ja" if one.used else "nej", one.why, one.fingerprint) for one in picture.sources)
    return _sheet(picture, "Källor", "Vilka källor som används och vilka som inte gör det.", columns, rows)
