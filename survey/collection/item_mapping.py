"""Items of a wave collected elsewhere as questions of ours: what mapping.csv says, checked and applied."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from survey.errors import UserError
from survey.preparation.csv_files import Row, read_rows
from survey.questionnaire.definition import Question, Questionnaire

FILE = "mapping.csv"
COLUMNS = ("item", "question", "code", "option", "comparable", "note")
GENDER = "gender"  # a column with the same codes in every bundle, and a question of ours
NO_ANSWER = ""


@dataclass(frozen=True)
class MappedItem:
    """An item that became a question: the option of each raw code, and whether the two can be compared."""

    item: str
    question: Question
    codes: Mapping[str, str]
    comparable: bool
    note: str

    def as_dict(self) -> dict[str, object]:
        """What is kept of it with the wave."""
        return {
            "item": self.item,
            "question": self.question.id,
            "question_hash": self.question.hash,
            "codes": dict(self.codes),
            "comparable": self.comparable,
            "note": self.note,
        }


def read_mapping(path: Path, items: Iterable[str], questionnaire: Questionnaire) -> tuple[MappedItem, ...]:
    """The mapped items in the order of the file.

    A row gives one code of an item, or with an empty code and option the whole item as it is.
    """
    known = set(items)
    rows: dict[str, list[Row]] = {}
    for row in read_rows(path, COLUMNS):
        if row.text("item") not in known:
            raise row.error("item", "en kolumn i responses.csv: " + ", ".join(sorted(known)))
        rows.setdefault(row.values["item"], []).append(row)
    mapped = [_item(item, of_item, questionnaire) for item, of_item in rows.items()]
    taken = {GENDER: GENDER}
    for one in mapped:
        if one.question.id in taken:
            first = rows[one.item][0]
            raise first.error("question", f"en fråga som inte redan fås av {taken[one.question.id]}")
        taken[one.question.id] = one.item
    return tuple(mapped)


def gender_as_it_is(questionnaire: Questionnaire) -> MappedItem:
    """The reported gender, which needs no mapping: the file format has the codes of our question."""
    question = questionnaire.question(GENDER)
    if question is None:
        raise UserError(f"Frågeformuläret {questionnaire.name} har ingen fråga {GENDER}.")
    return MappedItem(GENDER, question, {code: code for code in question.codes}, comparable=True, note="")


def apply(mapped: Iterable[MappedItem], responses: pd.DataFrame) -> pd.DataFrame:
    """Our options by question id, a row per answer; "" where there is none."""
    return pd.DataFrame({one.question.id: _translated(one, responses) for one in mapped})


def leave_path(answers: pd.DataFrame, mapped: Iterable[MappedItem]) -> dict[str, int]:
    """Empty, in place, the answers to questions that were not to be asked; how many by question.

    A condition on a question that was not taken in cannot be tried, and takes nothing away.
    """
    lost = {}
    for one in mapped:
        name = one.question.id
        asked = pd.Series(True, index=answers.index)
        for condition in one.question.conditions:
            if condition.question in answers:
                asked &= answers[condition.question].isin(condition.codes)
        stray = ~asked & answers[name].ne(NO_ANSWER)
        if stray.any():
            lost[name] = int(stray.sum())
            answers.loc[stray, name] = NO_ANSWER
    return lost


def template(responses: pd.DataFrame, items: Iterable[str], questionnaire: Questionnaire) -> pd.DataFrame:
    """A mapping.csv to fill in: every code found, with our own question where the names are the same."""
    rows = [row for item in items for row in _suggestions(item, _codes(responses[item]), questionnaire)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _item(item: str, rows: list[Row], questionnaire: Questionnaire) -> MappedItem:
    question = _question(rows[0], questionnaire)
    comparable = rows[0].choice("comparable", ("0", "1"))
    codes: dict[str, str] = {}
    for row in rows:
        for column, first in (("question", question.id), ("comparable", comparable)):
            if row.values[column] != first:
                raise row.error(column, f"{first}, som på den första raden för {item}")
        code, option = row.values["code"], row.values["option"]
        if not code and not option and len(rows) == 1:
            codes = {same: same for same in question.codes}
            continue
        if row.text("code") in codes:
            raise row.error("code", f"en kod för {item} som inte redan står i filen")
        if option and option not in question.codes:
            expected = (
                f"en kod i frågan {question.id} ({', '.join(question.codes)}), eller tom för inget svar"
            )
            raise row.error("option", expected)
        codes[code] = option
    notes = dict.fromkeys(filter(None, (row.values["note"] for row in rows)))
    return MappedItem(item, question, codes, comparable == "1", " ".join(notes))


def _question(row: Row, questionnaire: Questionnaire) -> Question:
    question = questionnaire.question(row.text("question"))
    if question is None:
        raise row.error("question", f"en fråga i frågeformuläret {questionnaire.name}")
    if question.id == GENDER:
        raise row.error("question", f"en annan fråga: kolumnen {GENDER} tas in som den är")
    return question


def _translated(one: MappedItem, responses: pd.DataFrame) -> "pd.Series[str]":
    column = responses[one.item].astype("str")
    options = column.map({NO_ANSWER: NO_ANSWER, **one.codes})
    unknown = options.isna()
    if unknown.any():
        raise UserError(
            f"responses.csv, rad {int(str(unknown.idxmax())) + 2}: kolumnen {one.item} är "
            f"{column[unknown].iloc[0]!r} men ska vara någon av koderna i {FILE}: "
            f"{', '.join(one.codes)}. Inget har sparats."
        )
    return options


def _codes(column: "pd.Series[str]") -> list[str]:
    return sorted(code for code in map(str, column.unique()) if code != NO_ANSWER)


def _suggestions(item: str, codes: list[str], questionnaire: Questionnaire) -> Iterator[tuple[str, ...]]:
    question = questionnaire.question(item)
    for code in codes:
        same = question is not None and code in question.codes
        yield (item, question.id if question else "", code, code if same else "", "", "")
