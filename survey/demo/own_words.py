"""What some residents write in their own words: invented texts, given at random to some who answer anyway.

Two municipalities ask for it in the last wave. In one of them some texts are screened, so that there is
something to read; the others wait for whoever tries the screening.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count, takewhile

from sqlalchemy.orm import Session

from survey.clock import today
from survey.collection import text_screening
from survey.demo.fieldwork import Respondent
from survey.demo.geography import DATA, stream
from survey.demo.scenario import DemoWave
from survey.demo.stage import BY, Stage
from survey.questionnaire.definition import addition_source

QUESTIONS = "fritext"
_WAITING = "waiting"
# From today: the wave is long over, and its texts are still to be read.
_SCREENED_WITHIN = timedelta(days=180)


@dataclass(frozen=True)
class OwnWords:
    """A text of somebody in a municipality, with what its screener decided; nothing when it waits."""

    municipality_code: str
    decision: str
    text: str
    passed: str  # where something was taken away


def invented(wave: DemoWave) -> list[OwnWords]:
    """The texts of the municipalities that ask for them in a wave; none in most waves."""
    with (DATA / "own_words.csv").open(encoding="utf-8", newline="") as file:
        texts = [OwnWords(**row) for row in csv.DictReader(file)]
    return [one for one in texts if one.municipality_code in wave.own_words]


def ask(stage: Stage, wave: DemoWave) -> None:
    """Before the wave opens, through the command for a municipality's own questions."""
    for code in wave.own_words:
        stage.console.run("questionnaire", "add", wave.code, code, QUESTIONS)


def texts_until() -> date:
    """The day the texts are destroyed."""
    return today() + _SCREENED_WITHIN


def give_words(people: Sequence[Respondent], wave: DemoWave, seed: int) -> list[Respondent]:
    """The same persons with the same coded answers; some have written something too."""
    question = _question()
    texts = invented(wave)
    words: dict[int, str] = {}
    for code in wave.own_words:
        asked = [person.case_id for person in people if person.municipality_code == code]
        writers = stream(seed, "own words", wave.code, code).permutation(len(asked))
        own = [one.text for one in texts if one.municipality_code == code]
        words |= {asked[i]: text for i, text in zip(writers.tolist(), own, strict=False)}
    return [
        replace(person, answers={**person.answers, question: words[person.case_id]})
        if person.case_id in words
        else person
        for person in people
    ]


def screen(stage: Stage, wave: DemoWave) -> None:
    """Decide on the texts that are not left to wait, as a screener would."""
    with stage.databases.transaction() as session:
        ids = _waiting(session, wave.code)
        decided = [one for one in invented(wave) if one.decision and one.text in ids]
        for one in decided:
            shown = one.passed or one.text
            text_screening.decide(session, wave.code, ids[one.text], one.decision, shown, BY)
    stage.console.say(f"Svar med egna ord: {len(decided)} är granskade, {len(ids) - len(decided)} väntar.")


def _waiting(session: Session, wave_code: str) -> dict[str, int]:
    """The number of each text, read one after the other as the screener does."""
    texts = (text_screening.text_at(session, wave_code, _WAITING, position) for position in count())
    found = takewhile(lambda text: text is not None, texts)
    return {"".join(piece.text for piece in text.pieces): text.id for text in found if text}


def _question() -> str:
    (page,) = addition_source(QUESTIONS)["pages"]
    (question,) = page["questions"]
    return str(question["id"])
