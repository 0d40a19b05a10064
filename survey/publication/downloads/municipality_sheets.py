"""The sheets of a municipality's workbook: its report's own figures, row by row, nothing about looks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date

from survey.publication import wording
from survey.publication.content import (
    Figure,
    GroupFigures,
    IndicatorResult,
    MunicipalityReport,
    ResponseGroup,
)
from survey.publication.downloads import dictionary
from survey.publication.downloads.sheets import (
    CHANGE_COLUMNS,
    NO_EARLIER,
    REASON_NOTE,
    Cell,
    Column,
    Kind,
    Sheet,
    change_cells,
    share_cells,
    share_columns,
)
from survey.publication.drawings.chart_rows import source_line
from survey.publication.figures import NO_FIGURE

TOPIC = Column("Ämne", width=30)
MEASURE = Column("Mått", width=34)
REMARK = Column("Anmärkning", width=24, note="Vad man ska tänka på innan talet används.")
EARLIER = "mätningen innan"
NO_REGION = "ingår inte"


def municipality_sheets(report: MunicipalityReport) -> tuple[Sheet, ...]:
    """Every sheet, in the order they are read."""
    return (_read_me(report), _main(report), _groups(report), _areas(report), questions(), _quality(report))


def _read_me(report: MunicipalityReport) -> Sheet:
    response = report.response.total
    sampled, responded = response.counts or (response.sampled, response.responded)
    rows: list[tuple[Cell, ...]] = [
        ("Obs", report.notice),
        ("Kommun", f"{report.municipality} ({report.municipality_code})"),
        ("Mätning", report.wave.title),
        ("Svarstid, första dag", date.fromisoformat(report.wave.field_start)),
        ("Svarstid, sista dag", date.fromisoformat(report.wave.field_end)),
        ("Vilka det gäller", f"Invånare {report.wave.ages} år den {report.wave.population_date}"),
        ("Tillfrågade", sampled),
        ("Svarade", responded),
        ("Svarsfrekvens", response.rate),
        ("Jämförs med", report.previous.title if report.previous else NO_EARLIER),
        ("Frisläppt", date.fromisoformat(report.release.released_on_iso)),
        ("Utgåva", report.release.version),
        ("Skäl till ny utgåva", report.release.reason),
        ("Ange när talen används", source_line(report)),
        ("Andelar", f"Hela procent {report.method.with_interval}."),
        (
            "Förändringar",
            "Procentenheter, räknade på oavrundade tal. Läs utfallet, inte bara talet och intervallet. "
            f"{wording.CLEAR_OF_ZERO.replace('Intervallet ligger', 'Ett intervall kan ligga')}",
        ),
        ("Tal som inte visas", REASON_NOTE),
        ("Hela regionen", report.region_note),
        ("Delområden", report.area_note),
    ]
    return Sheet(
        "Läs detta",
        report.title,
        f"{report.wave.title}: vad siffrorna i arbetsboken är och hur de läses.",
        (Column("Uppgift", width=26), Column("Svar", width=90)),
        tuple(row for row in rows if row[1] != ""),
    )


def _main(report: MunicipalityReport) -> Sheet:
    columns = (
        TOPIC,
        MEASURE,
        *_wave_columns(report),
        *share_columns("hela regionen"),
        *CHANGE_COLUMNS,
        Column("I ord", width=130),
        REMARK,
    )
    rows = [
        (
            result.label,
            result.total,
            share_cells(result.region.now if result.region else NO_FIGURE, NO_REGION),
            result.change_sentence,
        )
        for result in report.indicators
    ]
    titles = [topic.title for topic in report.topics for _ in topic.indicators]
    return Sheet(
        "Huvudresultat",
        f"Huvudresultat, {report.title}",
        _intro(report),
        columns,
        tuple(
            (
                title,
                label,
                *_wave_cells(total),
                *region,
                *change_cells(total.change),
                words,
                _remark(total.now),
            )
            for title, (label, total, region, words) in zip(titles, rows, strict=True)
        ),
        fixed=2,
    )


def _groups(report: MunicipalityReport) -> Sheet:
    group = Column("Grupp", width=16, note="Kön enligt den svarande själv; ålder enligt folkbokföringen.")
    return _long(report, "Kön och ålder", group, lambda found: (found.total, *found.genders, *found.ages))


def _areas(report: MunicipalityReport) -> Sheet:
    return _long(report, "Delområden", Column("Delområde", width=30), lambda found: found.areas)


def _long(
    report: MunicipalityReport,
    name: str,
    group: Column,
    groups: Callable[[IndicatorResult], Iterable[GroupFigures]],
) -> Sheet:
    """A row for each measure and group."""
    rows = tuple(
        (
            topic.title,
            result.label,
            found.label,
            *_wave_cells(found),
            *change_cells(found.change),
            _remark(found.now),
        )
        for topic in report.topics
        for result in topic.indicators
        for found in groups(result)
    )
    columns = (TOPIC, MEASURE, group, *_wave_columns(report), *CHANGE_COLUMNS, REMARK)
    return Sheet(name, f"{name}, {report.title}", _intro(report), columns, rows, fixed=3)


def questions() -> Sheet:
    """Each measure with what is counted, the questions it is made of and whom they were put to."""
    return Sheet(
        "Frågor",
        "Frågor och mått",
        "Hur varje mått är räknat och hur frågorna löd.",
        (
            Column("Mått", width=26, note="Namnet i tabellerna som csv."),
            Column("Vad som räknas", width=60),
            Column("Räknas på", width=12),
            Column("Frågor", width=80),
            Column("Bas", width=40),
        ),
        tuple(
            (name, meaning, unit, asked, base)
            for _, _, name, meaning, unit, _, asked, base in dictionary.measures()
        ),
    )


def _quality(report: MunicipalityReport) -> Sheet:
    response = report.response
    groups = (
        response.total,
        *response.groups,
        *_labelled("Kvinnor", response.women),
        *_labelled("Män", response.men),
    )
    method = report.method
    words = {
        "Vikter": method.weights,
        "Osäkerhet": method.interval,
        "Förändringar": method.changes,
        "Vad som visas": method.hidden,
        "Likhet mellan kön och åldrar (R-indikator)": (response.r_indicator,),
        "Tyngsta vikten mot den lättaste": (response.weight_ratio,),
    }
    rows: list[tuple[Cell, ...]] = [
        ("Svar", group.label, *(group.counts or (group.sampled, group.responded)), _rate(group), "")
        for group in groups
    ]
    rows += [
        ("Metod", name, None, None, None, text) for name, texts in words.items() for text in texts if text
    ]
    rows += [("Underlag", name, None, None, None, value) for name, value in report.release.hashes]
    columns = (
        Column("Del", width=12),
        Column("Uppgift", width=36, note="Grupper enligt folkbokföringen."),
        Column("Tillfrågade", Kind.COUNT),
        Column("Svarade", Kind.COUNT),
        Column("Svarsfrekvens", Kind.SHARE, 14, "Andel av de tillfrågade som svarade, ovägd."),
        Column("Beskrivning", width=100),
    )
    return Sheet("Kvalitet", f"Kvalitet, {report.title}", response.sentence, columns, tuple(rows), fixed=2)


def _labelled(gender: str, groups: Iterable[ResponseGroup]) -> Iterator[ResponseGroup]:
    return (replace(group, label=f"{gender} {group.label}") for group in groups)


def _rate(group: ResponseGroup) -> Cell:
    return group.rate if group.value is None else group.value / 100


def _wave_columns(report: MunicipalityReport) -> tuple[Column, ...]:
    before = report.previous.short if report.previous else EARLIER
    return (*share_columns(report.wave.short), *share_columns(before))


def _wave_cells(group: GroupFigures) -> tuple[Cell, ...]:
    return (*share_cells(group.now), *share_cells(group.before, NO_EARLIER))


def _remark(figure: Figure) -> str:
    """What to think of before the figure is used; why one is hidden stands in its own cell."""
    return figure.note if figure.shown else ""


def _intro(report: MunicipalityReport) -> str:
    """Stands above every table, so that no sheet is without its wave, base and source when it is copied."""
    answers = f"{report.response.total.responded} svar"
    return f"Andel i procent {report.method.with_interval}. {answers}. {source_line(report)}"
