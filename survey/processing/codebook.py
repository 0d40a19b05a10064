"""What the columns and codes of a microdata file mean, and how many rows have each."""

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.microdata import FEWEST, HIDDEN
from survey.models.wave import Wave
from survey.notice import NOTICE
from survey.questionnaire.definition import Questionnaire

COLUMNS = ["variable", "description", "value", "label", "rows"]
DESIGN = {
    "row": "Radens nummer: nytt och slumpat, säger inget om personen",
    "place_level": "Slags plats",
    "place": "Plats, den finaste där varje grupp har tillräckligt många",
    "legal_gender": "Kön enligt registret",
    "age_group": "Åldersgrupp enligt registret",
    "weight": "Vikt: antal personer som svaret står för, medelvärde i gruppen",
}
LABELS = {
    "area": "delområde",
    "municipality": "kommun, de delområden som inte står för sig",
    "county": "län, de kommuner som inte står för sig",
    "police_region": "polisregion, de län som inte står för sig",
    "all": "hela mätningen, det som inte står för sig",
    "woman": "kvinna",
    "man": "man",
}
SUPPRESSED = "undertryckt, för att gruppen annars vore för liten"
Row = tuple[str, str, str, str, int]


def codebook(
    wave: Wave, asked: Questionnaire, table: pd.DataFrame, suppressed: Mapping[str, int], decision: str
) -> pd.DataFrame:
    """One row a code, and rows about the file first."""
    rows = [*_about(wave, asked, table, suppressed, decision), *_design(table), *_answers(asked, table)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _about(
    wave: Wave, asked: Questionnaire, table: pd.DataFrame, suppressed: Mapping[str, int], decision: str
) -> Iterator[Row]:
    if wave.synthetic:
        yield "", NOTICE, "", "", len(table)
    yield "", "Mätning", wave.code, wave.title, len(table)
    yield "", "Frågeformulär", asked.hash, asked.title, len(table)
    yield "", "Beslut om utlämnande", decision, "", len(table)
    yield "", "Färre än så finns inte i någon grupp av plats, kön och ålder", str(FEWEST), "", len(table)
    yield "", "Inte med: svarssätt, språk, dag, ålder i år, kön enligt svaret, kommunens frågor", "", "", 0
    for variable, number in suppressed.items():
        yield variable, DESIGN[variable], HIDDEN, SUPPRESSED, number


def _design(table: pd.DataFrame) -> Iterator[Row]:
    for variable in ("row", "weight"):
        yield variable, DESIGN[variable], "", "", len(table)
    for variable in ("place_level", "place", "legal_gender", "age_group"):
        counts = table.loc[table[variable].ne(HIDDEN), variable].value_counts().sort_index()
        for value, number in counts.items():
            yield variable, DESIGN[variable], str(value), LABELS.get(str(value), ""), int(number)


def _answers(asked: Questionnaire, table: pd.DataFrame) -> Iterator[Row]:
    for question in asked.coded:
        if question.id not in table:
            continue
        text = f"{question.stem} {question.text}".strip()
        counts = table[question.id].value_counts()
        for option in question.options:
            yield question.id, text, option.code, option.text, int(counts.get(option.code, 0))
        yield question.id, text, "", "inte besvarad eller inte ställd", int(counts.get("", 0))
