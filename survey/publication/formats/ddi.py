"""What a wave's release is, as DDI-Codebook 2.5: the study, its method, and every column of its tables.

The order of the elements is that of the schema (codebook.xsd, DDI Alliance, 2012-01-17).
"""

from collections.abc import Mapping
from datetime import date
from xml.etree import ElementTree

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.models.release import Diagnostic
from survey.models.wave import Wave as WaveRow
from survey.notice import NOTICE
from survey.publication import catalogue, numbers, wording
from survey.publication.downloads import dictionary
from survey.publication.downloads.dictionary import Meaning
from survey.publication.extract_columns import column_types
from survey.publication.extracts import Extract, Viewer, read_extract
from survey.publication.formats.cube import GENDERS
from survey.publication.formats.jsonstat import SOURCE
from survey.publication.formats.study_facts import StudyFacts, read_study
from survey.publication.released import ALL, Wave
from survey.publication.releases import ReleasedWave, wave_facts

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
ROOT = {
    "xmlns": NAMESPACE,
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
    "version": "2.5",
    "xml:lang": "sv",
}
DESCRIBED = ("estimates", "changes")
GEOGRAPHIES = {ALL: "alla kommuner", "municipality": "kommun", "area": "delområde"}
STATISTICS = {"proportion": "andel", "mean": "medelvärde av koder eller poäng"}
TEMPORAL = ("wave", "previous_wave")
GEOGRAPHIC = ("geography", "code")
Node = ElementTree.Element
Categories = Mapping[str, tuple[str, ...]]  # a code's label, and what more there is to say of it


def write_codebook(session: Session, viewer: Viewer, wave_code: str) -> tuple[bytes, ReleasedWave]:
    """The newest release of a wave as its reader may see it, and which release that is."""
    asked = {"wave": [wave_code]}
    tables = {name: read_extract(session, viewer, name, asked, (0, 0)) for name in DESCRIBED}
    release = tables[DESCRIBED[0]].releases[0]
    wave = wave_facts(session.get_one(WaveRow, wave_code))
    places = catalogue.list_places(session, viewer, asked)
    root = Node("codeBook", ROOT)
    _document(root, wave, release)
    study = _study(root, wave, release)
    facts = read_study(session, release)
    _scope(_add(study, "stdyInfo"), wave, release, facts, places)
    method = _add(study, "method")
    _collection(_add(method, "dataColl"), wave, facts)
    _appraisal(session, viewer, method, release, facts)
    for name, table in tables.items():
        _file(root, name, table)
    described = _add(root, "dataDscr")
    categories = _categories(places) | {"indicator": _measures(session, viewer, release)}
    for name, table in tables.items():
        for column in table.columns:
            _variable(described, name, column, categories.get(column, {}))
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True), release


def _document(root: Node, wave: Wave, release: ReleasedWave) -> None:
    citation = _add(_add(root, "docDscr"), "citation")
    _add(_add(citation, "titlStmt"), "titl", f"Kodbok för {wave.title}")
    produced = _add(citation, "prodStmt")
    _add(produced, "producer", SOURCE)
    _add_date(produced, "prodDate", release.released_on)


def _study(root: Node, wave: Wave, release: ReleasedWave) -> Node:
    study = _add(root, "stdyDscr")
    citation = _add(study, "citation")
    titles = _add(citation, "titlStmt")
    _add(titles, "titl", wave.title)
    _add(titles, "IDNo", f"{wave.code}-{release.version}")
    _add(_add(citation, "prodStmt"), "producer", SOURCE)
    version = _add(citation, "verStmt")
    _add(version, "version", f"Version {release.version}", date=release.released_on.isoformat())
    return study


def _scope(info: Node, wave: Wave, release: ReleasedWave, facts: StudyFacts, places: Extract) -> None:
    about = "Andelar av befolkningen som är trygga, oroliga, utsatta för brott och nöjda, med osäkerhet."
    _add(info, "abstract", f"{NOTICE}. {about}" if release.synthetic else about)
    summary = _add(info, "sumDscr")
    for event, day in (("start", wave.field_start), ("end", wave.field_end)):
        _add_date(summary, "collDate", day, event=event)
    _add(summary, "nation", "Sverige", abbr="SE")
    municipalities = [str(name) for geography, _, name, _ in places.rows if geography == "municipality"]
    if municipalities:
        _add(summary, "geogCover", wording.enumeration(municipalities))
    _add_told(summary, "geogUnit", facts.smallest_unit)
    _add(summary, "anlyUnit", "Person; hushåll för brott mot hushållet")
    ages = f"{wave.age_min}–{wave.age_max} år"
    _add(summary, "universe", f"Folkbokförda {wave.population_date.isoformat()} som är {ages}")
    _add(summary, "dataKind", "Aggregerade tal efter röjandekontroll")


def _collection(collection: Node, wave: Wave, facts: StudyFacts) -> None:
    _add(collection, "timeMeth", facts.recurring)
    _add_told(collection, "sampProc", facts.sampling)
    _add_told(collection, "collMode", facts.modes)
    _add(collection, "resInstru", f"Frågeformuläret {wave.questionnaire}, {wave.questionnaire_hash}")
    for text in facts.method.weights:
        _add(collection, "weight", text)


def _appraisal(
    session: Session, viewer: Viewer, method: Node, release: ReleasedWave, facts: StudyFacts
) -> None:
    appraised = Node("anlyInfo")
    _response(session, viewer, appraised, release)
    for text in facts.method.interval:
        _add(appraised, "EstSmpErr", text)
    for text in facts.method.hidden:
        _add(appraised, "dataAppr", text)
    if len(appraised):
        method.append(appraised)


def _response(session: Session, viewer: Viewer, appraised: Node, release: ReleasedWave) -> None:
    """How many answered in all; of a municipality alone its own page tells."""
    if viewer.municipalities is not None:
        return
    sampled, responded = session.execute(
        select(func.sum(Diagnostic.sampled), func.sum(Diagnostic.responded)).where(
            Diagnostic.release_id == release.release_id,
            Diagnostic.wave == release.code,
            Diagnostic.municipality_code != ALL,
        )
    ).one()
    if sampled:
        share = numbers.percent(numbers.whole_percent(responded / sampled))
        _add(appraised, "respRate", f"{share} ({responded} av {sampled} tillfrågade)")


def _file(root: Node, name: str, table: Extract) -> None:
    text = _add(_add(root, "fileDscr", ID=name), "fileTxt")
    _add(text, "fileName", name)
    sizes = _add(text, "dimensns")
    _add(sizes, "caseQnty", str(table.total))
    _add(sizes, "varQnty", str(len(table.columns)))


def _variable(described: Node, table: str, column: str, categories: Categories) -> None:
    meaning = _meaning(table, column)
    variable = _add(described, "var", ID=f"{table}.{column}", name=column, files=table)
    # The schema takes a variable for discrete, and for neither time nor place, that does not say otherwise.
    if column_types(table)[column] is float:
        variable.set("intrvl", "contin")
    if column in TEMPORAL:
        variable.set("temporal", "Y")
    if column in GEOGRAPHIC:
        variable.set("geog", "Y")
    _add(variable, "labl", meaning.text)
    _add(variable, "txt", f"Enhet: {meaning.unit}. Tomt betyder: {meaning.empty}.")
    for code, (label, *more) in categories.items():
        category = _add(variable, "catgry")
        _add(category, "catValu", code)
        _add(category, "labl", label)
        for text in more:
            _add(category, "txt", text)


def _meaning(table: str, column: str) -> Meaning:
    own = dictionary.TABLE_MEANINGS[table].get(column)
    return own or dictionary.PUBLIC_MEANINGS.get(column) or dictionary.KEYS[column]


def _categories(places: Extract) -> dict[str, Categories]:
    listed = {
        "geography": GEOGRAPHIES,
        "code": {str(code): str(name) for _, code, name, _ in places.rows},
        "gender": GENDERS,
        "statistic": STATISTICS,
        "reason": wording.REASONS,
        "verdict": dictionary.VERDICTS,
    }
    return {column: {code: (label,) for code, label in codes.items()} for column, codes in listed.items()}


def _measures(session: Session, viewer: Viewer, release: ReleasedWave) -> Categories:
    labels = {one.id: one.label for one in catalogue.measures_of(session, viewer, [release])}
    local = catalogue.local_questionnaires(session, viewer, [release.release_id])
    return {
        code: (labels[code], f"{meaning} Fråga: ”{questions}” Bas: {base} Räknas i {unit}.")
        for _, _, code, meaning, unit, _, questions, base in dictionary.measures(local)
    }


def _add_told(parent: Node, tag: str, text: str) -> None:
    """An element for what is known."""
    if text:
        _add(parent, tag, text)


def _add_date(parent: Node, tag: str, day: date, **attributes: str) -> None:
    """A day for readers of attributes and for readers of text."""
    _add(parent, tag, day.isoformat(), date=day.isoformat(), **attributes)


def _add(parent: Node, tag: str, text: str | None = None, **attributes: str) -> Node:
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = text
    return child
