"""Each import rule is shown to bite: a planted violation is found and named."""

import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from survey.config import ROOT

PLANTS = {
    "pure: statistics and questionnaire": ("survey/questionnaire/path.py", "import sqlalchemy"),
    "pure: the statistics stand alone": ("analysis/weights.py", "import survey.config"),
    "flow": ("analysis/weights.py", "import analysis.changes"),
    "rooms": ("survey/preparation/waves.py", "import survey.collection.frames"),
    "through stages": ("survey/analyst/views.py", "import survey.models.wave"),
    "contacts": ("survey/publication/results.py", "import survey.models.contact"),
    "answers": ("survey/preparation/waves.py", "import survey.models.response"),
    "open answers": ("survey/processing/answers.py", "import survey.models.open_answer"),
    "paper forms": ("survey/processing/answers.py", "import survey.models.paper_form"),
    "texts": ("survey/publication/free_texts.py", "import survey.models.free_text"),
    "passed texts": ("survey/processing/answers.py", "import survey.models.passed_text"),
    "releases": ("survey/collection/frames.py", "import survey.models.release"),
    "requests": ("survey/publication/results.py", "import survey.models.table_request"),
    "requested tables": ("survey/collection/frames.py", "import survey.models.requested_table"),
    "municipality": ("survey/publication/results.py", "import survey.models.case"),
    "resident": ("survey/resident/views.py", "import survey.publication.results"),
    "analyst": ("survey/processing/datasets.py", "import survey.models.contact"),
}


def lint(folder: Path) -> tuple[int, str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", "setup.cfg"]
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for package in ("analysis", "survey"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    return tmp_path


def test_the_code_keeps_every_contract(checkout: Path) -> None:
    status, said = lint(checkout)
    assert status == 0, said


@pytest.mark.parametrize("rule", PLANTS)
def test_a_planted_violation_breaks_its_contract(checkout: Path, rule: str) -> None:
    place, statement = PLANTS[rule]
    planted = checkout / place
    planted.write_text(planted.read_text() + f"\n{statement}\n")
    status, said = lint(checkout)
    assert status != 0
    assert any(line.startswith(rule) and line.endswith("BROKEN") for line in said.splitlines()), said


def test_every_contract_has_a_plant() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    names = [config[part]["name"] for part in config.sections() if part.startswith("importlinter:contract:")]
    assert sorted(next(rule for rule in PLANTS if name.startswith(rule)) for name in names) == sorted(PLANTS)


def test_a_module_outside_every_layer_is_refused(checkout: Path) -> None:
    (checkout / "survey" / "utils.py").write_text("")
    status, said = lint(checkout)
    assert status != 0
    assert "utils" in said
