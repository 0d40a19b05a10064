"""What every column, code and measure in the downloads means, for whoever opens them without us."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey.publication.wording import REASONS
from survey.questionnaire import definition
from survey.questionnaire import indicators as library
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.indicators import Indicator, ScoreIndex
from survey.questionnaire.local_shares import local_shares

HEADER = ("slag", "tabell", "namn", "betydelse", "enhet", "tomt betyder", "frågetext", "bas")
PUBLIC = "kommunens tabell"
HIDDEN = "talet visas inte, se skälet"
NO_CHANGE = "förändringen visas inte eller kan inte räknas"
SHARE = "andel 0–1; för mean medelvärdet av koder eller poäng"
DIFFERENCE = "andel 0–1 (0,05 = 5 procentenheter); för mean kodernas eller poängens skala"
POINTS = "procentenheter"


@dataclass(frozen=True)
class Meaning:
    """A column in plain words: what it holds, in which unit, and what an empty field says."""

    text: str
    unit: str = "text"
    empty: str = "förekommer inte"


KEYS: Mapping[str, Meaning] = {
    "notice": Meaning(
        "Står i tabeller med simulerade svar", "text", "kolumnen finns inte: svaren är riktiga"
    ),
    "wave": Meaning("Mätningens kod", "kod"),
    "geography": Meaning(
        "Slag av område: all = alla kommuner, municipality = kommun, area = delområde", "kod"
    ),
    "code": Meaning("Områdets kod; kommunkod, delområdeskod eller all", "kod"),
    "gender": Meaning("Kön som den svarande själv har angett: all, woman = kvinna, man = man", "kod"),
    "age_group": Meaning("Ålder enligt folkbokföringen; all = alla åldrar", "år"),
    "indicator": Meaning("Måttets namn, förklarat längre ned", "kod"),
    "statistic": Meaning(
        "proportion = andel, mean = medelvärde av koder eller poäng, p1, p2 … = andel som svarade just så",
        "kod",
    ),
    "n": Meaning("Antal svar som talet bygger på", "personer", HIDDEN),
    "released": Meaning("1 = talet visas, 0 = dolt", "0 eller 1"),
    "reason": Meaning("Skäl eller varning, förklarat längre ned", "kod", "inget att anmärka"),
    "previous_wave": Meaning("Mätningen som förändringen räknas från", "kod", "ingen tidigare mätning"),
    "n_previous": Meaning("Antal svar i mätningen innan", "personer", NO_CHANGE),
    "verdict": Meaning("Vad som kan sägas om förändringen, förklarat längre ned", "kod", "ingen jämförelse"),
}
PUBLIC_MEANINGS: Mapping[str, Meaning] = {
    "percent": Meaning("Skattad andel", "hela procent", f"{HIDDEN}, eller talet är ingen andel"),
    "percent_lower": Meaning("Osäkerhetsintervallets nedre gräns", "hela procent", HIDDEN),
    "percent_upper": Meaning("Osäkerhetsintervallets övre gräns", "hela procent", HIDDEN),
    "change_points": Meaning("Förändring, räknad på oavrundade tal", POINTS, NO_CHANGE),
    "change_lower": Meaning("Nedre gräns för förändringen", POINTS, NO_CHANGE),
    "change_upper": Meaning("Övre gräns för förändringen", POINTS, NO_CHANGE),
    "detectable_points": Meaning(
        "Så stor måste en förändring minst vara för att oftast synas", POINTS, NO_CHANGE
    ),
    "change_released": Meaning("1 = förändringen visas, 0 = dold", "0 eller 1", "ingen jämförelse"),
    "change_reason": Meaning("Skäl eller varning för förändringen", "kod", "inget att anmärka"),
}
ESTIMATE_MEANINGS: Mapping[str, Meaning] = {
    "population": Meaning("Skattat antal invånare som basen står för", "personer", HIDDEN),
    "estimate": Meaning("Skattning", SHARE, HIDDEN),
    "se": Meaning("Medelfel", SHARE, HIDDEN),
    "df": Meaning("Frihetsgrader", "antal", HIDDEN),
    "n_eff": Meaning("Effektivt antal svar", "personer", HIDDEN),
    "lower": Meaning("Osäkerhetsintervallets nedre gräns", SHARE, HIDDEN),
    "upper": Meaning("Osäkerhetsintervallets övre gräns", SHARE, HIDDEN),
}
CHANGE_MEANINGS: Mapping[str, Meaning] = {
    "n": Meaning("Antal svar i den här mätningen", "personer", NO_CHANGE),
    "change": Meaning("Förändring", DIFFERENCE, NO_CHANGE),
    "se": Meaning("Förändringens medelfel", DIFFERENCE, NO_CHANGE),
    "df": Meaning("Frihetsgrader", "antal", NO_CHANGE),
    "p": Meaning("P-värde, en enda prövning", "0–1", "ingen prövning"),
    "p_bh": Meaning("P-värde efter Benjamini och Hochberg", "0–1", "ingen prövning"),
    "p_holm": Meaning("P-värde efter Holm", "0–1", "ingen prövning"),
    "p_adjusted": Meaning("P-värdet som avgör utfallet", "0–1", "ingen prövning"),
    "family_size": Meaning("Antal prövningar som räknas tillsammans", "antal", "ingen prövning"),
    "lower": Meaning("Nedre gräns för förändringen", DIFFERENCE, NO_CHANGE),
    "upper": Meaning("Övre gräns för förändringen", DIFFERENCE, NO_CHANGE),
    "equivalence_margin": Meaning(
        "Inom plus minus detta kallas förändringen oförändrad", DIFFERENCE, NO_CHANGE
    ),
    "detectable_change": Meaning("Förändring som en enda prövning oftast hittar", DIFFERENCE, NO_CHANGE),
}
PLACE: Mapping[str, Meaning] = {
    "municipality_code": Meaning("Kommunens kod; all = alla kommuner", "kod"),
    "sampled": Meaning("Antal tillfrågade", "personer"),
    "responded": Meaning("Antal som svarade", "personer"),
}
DIAGNOSTIC_MEANINGS: Mapping[str, Meaning] = {
    **PLACE,
    "response_rate": Meaning("Andel av de tillfrågade som svarade, ovägd", "andel 0–1", "ingen tillfrågad"),
    "r_indicator": Meaning(
        "Hur lika svarsfrekvenserna är mellan kön och åldrar; 1 = lika", "0–1", "kan inte räknas"
    ),
    "deff_kish": Meaning("Vikternas designeffekt (Kish)", "kvot", "inga svar"),
    "n_eff": Meaning("Antal svar delat med designeffekten", "personer", "inga svar"),
    "weight_min": Meaning("Lättaste vikten", "personer per svar", "inga svar"),
    "weight_median": Meaning("Vikternas median", "personer per svar", "inga svar"),
    "weight_max": Meaning("Tyngsta vikten", "personer per svar", "inga svar"),
    "weight_cv2": Meaning("Vikternas varians genom medelvärdet i kvadrat", "kvot", "kan inte räknas"),
    "trimmed_share": Meaning("Andel av svaren vars vikt sänktes", "andel 0–1", "inga svar"),
    "collapsed": Meaning("Sammanslagna grupper och andra åtgärder, per steg", "text", "inga"),
}
RATE_MEANINGS: Mapping[str, Meaning] = {
    **PLACE,
    "legal_gender": Meaning("Kön enligt folkbokföringen: all, woman = kvinna, man = man", "kod"),
}
TABLE_MEANINGS: Mapping[str, Mapping[str, Meaning]] = {
    PUBLIC: PUBLIC_MEANINGS,
    "estimates": ESTIMATE_MEANINGS,
    "changes": CHANGE_MEANINGS,
    "diagnostics": DIAGNOSTIC_MEANINGS,
    "response_rates": RATE_MEANINGS,
}
# One text for each name, the widest table's first.
TEXTS: Mapping[str, str] = {
    name: meaning.text
    for table in (
        RATE_MEANINGS,
        DIAGNOSTIC_MEANINGS,
        CHANGE_MEANINGS,
        ESTIMATE_MEANINGS,
        PUBLIC_MEANINGS,
        KEYS,
    )
    for name, meaning in table.items()
}
VERDICTS: Mapping[str, str] = {
    "up": "Statistiskt säkerställd ökning av andelen",
    "down": "Statistiskt säkerställd minskning av andelen",
    "unchanged": "I stort sett oförändrat: förändringen är säkert liten",
    "too_uncertain": "Det går inte att säga om något har ändrats",
    "not_comparable": "Jämförs inte: dolt, eller brott i serien",
}


def describe(
    tables: Mapping[str, Sequence[str]], local: Iterable[Questionnaire] = ()
) -> list[tuple[str, ...]]:
    """The data dictionary of these tables (name and columns), a row per column, code and measure.

    `local` are the questionnaires with local questions that some municipality was asked.
    """
    return [*_columns(tables), *_codes(), *measures(local)]


def measures(local: Iterable[Questionnaire] = ()) -> list[tuple[str, ...]]:
    """The rows of every measure: the library's, then those of these questionnaires' local questions."""
    core = definition.load(library.load().questionnaire)
    own: list[Indicator | ScoreIndex] = [*library.indicators(), *library.indices()]
    rows = [_measure(measure, core) for measure in own]
    for whole in local:
        rows += [_measure(measure, whole) for measure in local_shares(whole)]
    return rows


def _columns(tables: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    for table, columns in tables.items():
        for name in columns:
            meaning = TABLE_MEANINGS[table].get(name) or KEYS[name]
            yield ("kolumn", table, name, meaning.text, meaning.unit, meaning.empty, "", "")


def _codes() -> Iterator[tuple[str, ...]]:
    for code, text in REASONS.items():
        yield ("skäl", "", code, text, "", "", "", "")
    for code, text in VERDICTS.items():
        yield ("utfall", "", code, text, "", "", "", "")


def _measure(indicator: Indicator | ScoreIndex, questionnaire: Questionnaire) -> tuple[str, ...]:
    """A measure with its label, what is counted, the questions behind it and whom it is about."""
    questions = [questionnaire.question(item) for item in indicator.items]
    texts = [" ".join(part for part in (found.stem, found.text) if part) for found in questions if found]
    meaning = f"{indicator.label}. {indicator.measure}"
    if isinstance(indicator, ScoreIndex):
        unit = "poäng 0–100"
        meaning = f"{meaning} Receptets version: {indicator.version}."
    else:
        unit = "hushåll" if indicator.unit == "household" else "personer"
    return ("mått", "", indicator.id, meaning, unit, "", " | ".join(texts), indicator.base_text)
