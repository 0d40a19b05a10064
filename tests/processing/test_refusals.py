"""What the statistics refuse reaches people as whole Swedish sentences."""

import re
from pathlib import Path

from survey.processing.refusals import SENTENCES

REFUSAL = re.compile(r"raise QuestionError\(\s*\"(\w+)\"")
PART = re.compile(r"{(\w+)}")


def test_every_reason_to_refuse_a_question_has_its_swedish_sentence() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path("analysis").glob("*.py")]
    given = [
        (name, text[place.start() : place.start() + 700])
        for text in sources
        for place in REFUSAL.finditer(text)
        for name in place.groups()
    ]
    assert {name for name, _ in given} == set(SENTENCES)
    for name, call in given:
        assert all(f"{part}=" in call for part in PART.findall(SENTENCES[name])), name
