"""A codebook explains every column, code, place and measure of the tables beside it, as csv and as json."""

import csv
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import golden
import pytest
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT

from survey.config import ROOT
from survey.models.release import Release
from survey.notice import NOTICE
from survey.publication.catalogue import list_indicators
from survey.publication.downloads import codebooks, tables
from survey.publication.embargo import SERVICE
from survey.publication.extracts import Viewer
from survey.publication.local_questions import local_measures
from survey.questionnaire import indicators as library
from survey.questionnaire.definition import load

Rows = dict[tuple[str, str], dict[str, str]]


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8"), newline="")))


def explained(content: bytes, kind: str) -> Rows:
    return {(row["tabell"], row["namn"]): row for row in rows(content) if row["slag"] == kind}


def header(content: bytes) -> list[str]:
    return next(csv.reader(StringIO(content.decode("utf-8"), newline="")))


@pytest.mark.parametrize("synthetic", [True, False])
def test_every_column_of_every_table_is_explained(
    session: Session, store: Callable[..., int], synthetic: bool
) -> None:
    store(session, golden.release(areas=2, synthetic=synthetic), released_at=RELEASED_AT)
    own = tables.municipality_table(session, "2019", "0182", SERVICE).content
    headers = {"kommunens tabell": header(own)}
    for name in tables.TABLES:
        headers[name] = header(tables.analyst_table(session, "2019", name, SERVICE).content)
    written = codebooks.analyst_codebook(session, "2019", SERVICE).content
    assert (NOTICE in written.decode()) is synthetic
    columns = explained(written, "kolumn")
    for table, names in headers.items():
        assert [column for at, column in columns if at == table] == names
    assert all(row["betydelse"] and row["enhet"] and row["tomt betyder"] for row in columns.values())
    found = explained(codebooks.municipality_codebook(session, "2019", "0182", SERVICE).content, "kolumn")
    assert [column for _, column in found] == headers["kommunens tabell"]


def test_every_code_of_the_municipalitys_table_is_explained(released_session: Session) -> None:
    written = codebooks.municipality_codebook(released_session, "2019", "0182", SERVICE).content
    known = {name for row in rows(written) for name in [row["namn"]]}
    for row in rows(tables.municipality_table(released_session, "2019", "0182", SERVICE).content):
        told = (row["indicator"], row["reason"], row["verdict"], row["change_reason"])
        assert {code for code in told if code} <= known
        assert row["geography"] != "area" or row["code"] in known


def test_every_code_the_statistics_can_give_is_explained(released_session: Session) -> None:
    written = codebooks.analyst_codebook(released_session, "2019", SERVICE).content
    methods = (ROOT / "analysis" / "METHODS.md").read_text(encoding="utf-8")
    reasons = set(re.findall(r"^\| (\w+) \| (?:yes|no) \|", methods, re.MULTILINE))
    assert len(reasons) >= 8
    assert {name for _, name in explained(written, "skäl")} == reasons
    verdicts = {"up", "down", "unchanged", "too_uncertain", "not_comparable"}
    assert {name for _, name in explained(written, "utfall")} == verdicts


def test_each_measure_has_its_questions_and_base(released_session: Session) -> None:
    found = explained(codebooks.analyst_codebook(released_session, "2019", SERVICE).content, "mått")
    assert [name for _, name in found] == [
        measure.id for measure in (*library.indicators(), *library.indices())
    ]
    assert found["", "problem_index"]["enhet"] == "poäng 0–100"
    assert "Receptets version: 1." in found["", "problem_index"]["betydelse"]
    assert all(row["frågetext"] and row["bas"] for row in found.values())
    several = found["", "victim_any"]["frågetext"].split(" | ")
    assert len(several) == 4


def test_a_municipality_reads_of_its_own_local_questions_only(
    session: Session, store: Callable[..., int]
) -> None:
    made = golden.release(areas=1)
    release = session.get(Release, store(session, made))
    asked = {
        "0182": {"name": "trygghet+skargard", "hash": load("trygghet+skargard").hash},
        "0187": {"name": "trygghet+skargard", "hash": "other words"},
        "0999": {"name": "trygghet+centrum", "hash": "gone from the library"},
    }
    release.manifest = json.dumps({**json.loads(release.manifest), "local_questions": asked})
    release.released_at, release.released_by = RELEASED_AT, "tests"
    session.flush()
    found = explained(codebooks.municipality_codebook(session, "2019", "0182", SERVICE).content, "mått")
    local = {name for _, name in found} - {one.id for one in (*library.indicators(), *library.indices())}
    assert local
    assert all(name.startswith("skargard") for name in local)
    # What the library no longer has as it was asked is told of nowhere, and stops nothing.
    every = explained(codebooks.analyst_codebook(session, "2019", SERVICE).content, "mått")
    assert {name for _, name in every} == {name for _, name in found}
    assert local_measures(session, "2019", "0182", SERVICE).measures
    assert local_measures(session, "2019", "0187", SERVICE) == local_measures(
        session, "2019", "0999", SERVICE
    )
    listed = list_indicators(session, Viewer(SERVICE), {}).rows
    assert {row[0] for row in listed} == {name for _, name in found}


def test_the_json_says_the_same_as_the_csv(released_session: Session) -> None:
    for make in (
        lambda form: codebooks.municipality_codebook(released_session, "2019", "0182", SERVICE, form),
        lambda form: codebooks.analyst_codebook(released_session, "2019", SERVICE, form),
    ):
        found = json.loads(make("json").content)
        assert found["notice"] == NOTICE
        written = rows(make("csv").content)
        assert all(row.pop("notice") == NOTICE for row in written)
        assert found["rows"] == written
        assert Path(make("json").file_name).suffix == ".json"
