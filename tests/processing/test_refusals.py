"""What the statistics refuse reaches people as whole Swedish sentences."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analysis.errors import InputError
from survey.errors import UserError
from survey.models.response import Response
from survey.processing import microdata, releases
from survey.processing.refusals import SENTENCES

REFUSAL = re.compile(r"(?:raise|return) QuestionError\(\s*\"(\w+)\"")
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


def test_no_english_sentence_of_the_statistics_is_put_into_a_swedish_one() -> None:
    paths = [*Path("survey/processing").glob("*.py"), Path("survey/worker.py")]
    handlers = [
        (path, node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and "AnalysisError" in ast.unparse(node.type or node)
    ]
    assert len(handlers) >= 6
    for path, handler in handlers:
        said = ast.unparse(handler).replace("in_swedish(error)", "").replace("from error", "")
        assert handler.name not in re.findall(r"\w+", said.partition(":")[2]), path


def test_a_wave_that_cannot_be_computed_or_given_out_says_why_in_swedish(
    sqlite_session: Session, add_wave, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_wave(sqlite_session, "2022", ("0114",))
    with monkeypatch.context() as patched:
        fault = InputError("population.csv", 7, "population", "-1", "a number")
        patched.setattr("analysis.pipeline.run", lambda *_, **__: (_ for _ in ()).throw(fault))
        with pytest.raises(UserError) as refused:
            releases.compute(sqlite_session, "2022")
    assert str(refused.value).startswith("Omgången 2022 kan inte räknas. Svaren går inte att räkna")
    assert str(refused.value).endswith("står i population.csv, rad 7, kolumn population.")
    left = sqlite_session.scalars(select(Response.id).limit(3)).all()
    sqlite_session.execute(delete(Response).where(Response.id.not_in(left)))
    with pytest.raises(UserError) as few:
        microdata.prepare_microdata(sqlite_session, "2022", "2026/17-5")
    assert str(few.value) == (
        "Omgången 2022 kan inte lämnas ut. "
        "Antalet svar är 3. Minst 5 behövs för att ingen ska kunna kännas igen."
    )
