"""A municipality's picture as a text document to go on writing in, in the parts of the law (2023:196)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from survey.followup.pictures.content import Beside, Measure, OtherSeries, Picture, Promised
from survey.followup.pictures.drafts import ANALYSIS, FOLLOW_UP, MAPPING, PARTS, PLAN
from survey.followup.pictures.sheets import EMPTY_PART
from survey.followup.series.chart import value_text
from survey.followup.series.periods import parse
from survey.publication.content import Figure

MIMETYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LANGUAGE = "sv-SE"
LAW = "Delarna i lagen (2023:196) om kommuners ansvar för brottsförebyggande arbete"
COPY = "Det här är en kopia. Det som ändras här ändrar inte den lägesbild som parterna undertecknar."
INTERVAL = (
    "Siffran inom parentes är ett 95-procentigt osäkerhetsintervall. Två punkter (..) betyder att siffran "
    "inte visas: för få har svarat, eller så är den för osäker."
)
NO_PROMISE = "Inget undertecknat löfte finns."
NO_EARLIER = "Det finns ingen tidigare mätning att jämföra med."
SAID_FIRST = "Hur många mått som har ändrats står överst."
OWN_ANALYSIS = "Kommunens och polisens egen analys. Enkäten svarar inte på varför."


def law_document(picture: Picture, *, signed: bool) -> bytes:
    """The document, with headings, tables that have a header row, and its language."""
    document = _begun(picture, signed=signed)
    document.add_heading(f"1. {PARTS[MAPPING][0]}", 1)
    _written(document, picture, MAPPING)
    _bullets(document, picture.summary)
    _survey(document, picture)
    _beside(document, picture)
    document.add_heading(f"2. {PARTS[ANALYSIS][0]}", 1)
    document.add_paragraph(OWN_ANALYSIS)
    _written(document, picture, ANALYSIS)
    document.add_heading(f"3. {PARTS[PLAN][0]}", 1)
    _written(document, picture, PLAN)
    _promises(document, picture.promises)
    document.add_heading(f"4. {PARTS[FOLLOW_UP][0]}", 1)
    _written(document, picture, FOLLOW_UP)
    rows = [(one.title, one.status, _joined((*one.said, one.note)), one.due) for one in picture.promises]
    _table(document, "Löften och hur det går", ("Löfte", "Läge", "Vad som är känt", "Följs upp"), rows)
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def _begun(picture: Picture, *, signed: bool) -> DocumentType:
    """An empty document with title, language and the notice of invented answers on every page."""
    document = Document()
    language = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    for name in ("w:val", "w:eastAsia"):
        language.set(qn(name), LANGUAGE)
    about = document.core_properties
    title = f"Lägesbild och åtgärdsplan: {picture.place.name}"
    about.title, about.language, about.author, about.comments = title, LANGUAGE, "", ""
    about.created = about.modified = datetime.combine(
        datetime.fromisoformat(picture.period.released_on).date(), time()
    )
    if picture.notice:
        document.sections[0].header.paragraphs[0].text = picture.notice
    document.add_heading(title, 0)
    state = "undertecknad" if signed else "utkast, inte undertecknad"
    period = picture.period
    document.add_paragraph(f"{LAW}. Bygger på {period.title}, utgåva {period.version}. Läge: {state}. {COPY}")
    return document


def _survey(document: DocumentType, picture: Picture) -> None:
    """What the survey says: the problems by size, the development, the comparisons."""
    measured = {one.indicator: one for one in picture.measures}
    document.add_heading("Problemprofil", 2)
    if picture.profile.said and not picture.says_first(picture.profile.said):
        document.add_paragraph(picture.profile.said)
    _table(
        document,
        "Andel som tycker att det är ett stort problem, störst först",
        ("Problem", "Andel"),
        [(measured[name].label, _share(measured[name].now)) for name in picture.profile.order],
    )
    document.add_heading("Utveckling", 2)
    told = picture.development
    counted = SAID_FIRST if picture.says_first(told.counts) else told.counts or NO_EARLIER
    seen = "" if picture.says_first(told.detectable) else told.detectable
    document.add_paragraph(_joined((counted, seen)))
    _bullets(document, (one for one in told.sentences if not picture.says_first(one)))
    for one in picture.beside:
        document.add_heading(f"Jämfört med {one.against}", 2)
        document.add_paragraph(_joined((one.counts, one.note)))
        _standing(document, "Säkert högre här", [measured[name] for name in one.higher], one)
        _standing(document, "Säkert lägre här", [measured[name] for name in one.lower], one)
    document.add_paragraph(INTERVAL)


def _beside(document: DocumentType, picture: Picture) -> None:
    """What stands beside the survey, each with its own source and limits."""
    document.add_heading("Utsatta områden", 2)
    document.add_paragraph(picture.vulnerable.said)
    _table(
        document,
        "Polisens klass år för år",
        ("Område", *picture.vulnerable.years),
        [(one.name, *(found for _, found in one.classes)) for one in picture.vulnerable.areas],
    )
    for series in picture.other_sources:
        _series(document, series)
    if picture.events:
        document.add_heading("Händelser kring insamlingen", 2)
        rows = [
            (_days(one.starts_on, one.ends_on), one.text, one.place, one.source) for one in picture.events
        ]
        _table(document, "Händelser", ("När", "Händelse", "Plats", "Källa"), rows)
    document.add_heading("Källor och begränsningar", 2)
    _bullets(document, picture.limits)
    used = [(one.name, "Ja" if one.used else "Nej", one.why) for one in picture.sources]
    _table(document, "Källor som används och inte används", ("Källa", "Används", "Varför"), used)


def _series(document: DocumentType, series: OtherSeries) -> None:
    document.add_heading(series.title, 2)
    invented = "Påhittade uppgifter, bara för demonstration." if series.synthetic else ""
    said = (
        f"Källa: {series.source}.",
        f"Begränsningar: {series.limits}",
        f"Räknas i {series.unit}.",
        invented,
    )
    document.add_paragraph(_joined(said))
    rows = [(parse(one.period).words, value_text(one.value), one.note) for one in series.values]
    _table(document, f"{series.title}, alla värden", ("Period", "Värde", "Anmärkning"), rows)


def _promises(document: DocumentType, promises: Sequence[Promised]) -> None:
    if not promises:
        document.add_paragraph(NO_PROMISE)
    for one in promises:
        document.add_heading(one.title, 2)
        _table(
            document,
            one.title,
            ("Uppgift", "Innehåll"),
            [
                ("Problem", one.problem),
                ("Mål", one.goal),
                ("Ansvarig", one.owner),
                ("Följs upp", one.due),
                *(("Åtgärd", measure) for measure in one.measures),
            ],
        )


def _standing(document: DocumentType, heading: str, measures: Sequence[Measure], beside: Beside) -> None:
    if measures:
        document.add_heading(heading, 3)
        _bullets(document, (_compared(one, beside.other(one.indicator)) for one in measures))


def _compared(measure: Measure, other: Figure | None) -> str:
    """ "Skräp: 35 % (32–38) mot 30 % (28–32)", as far as the other figure is released."""
    return f"{measure.label}: {_share(measure.now)}{f' mot {_share(other)}' if other else ''}"


def _written(document: DocumentType, picture: Picture, part: str) -> None:
    text = picture.text(part)
    for paragraph in (text.text if text else EMPTY_PART).split("\n"):
        document.add_paragraph(paragraph)


def _bullets(document: DocumentType, lines: Iterable[str]) -> None:
    for line in lines:
        document.add_paragraph(line, style="List Bullet")


def _table(document: DocumentType, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table whose first row is marked as its header and named to those who hear it; none without rows."""
    if not rows:
        return
    table = document.add_table(rows=0, cols=len(header), style="Table Grid")
    for row in (header, *rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    first = table.rows[0]
    first._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell in first.cells:
        cell.paragraphs[0].runs[0].bold = True
    said = OxmlElement("w:tblCaption")
    said.set(qn("w:val"), title)
    table._tbl.tblPr.append(said)
    document.add_paragraph()


def _share(figure: Figure) -> str:
    """ "27 % (22–32)", or why nothing is shown."""
    interval = f"({figure.interval})" if figure.interval else ""
    return _joined((figure.text, interval if figure.shown else figure.note))


def _days(starts_on: str, ends_on: str) -> str:
    return f"{starts_on}–{ends_on}" if ends_on else starts_on


def _joined(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)
