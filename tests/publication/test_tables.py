"""Downloads hold released rows: whole figures for the public, every column for analysts."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import golden
import pytest
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT

from survey.config import ROOT
from survey.notice import NOTICE
from survey.publication import numbers, results, tables
from survey.publication.embargo import SERVICE
from survey.publication.files import municipality_file, slug, write_whole
from survey.questionnaire import indicators as library

TECHNICAL = {"se", "df", "n_eff", "p", "p_bh", "p_holm", "p_adjusted", "population", "estimate"}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8"), newline="")))


def test_a_municipalitys_figures_are_whole_and_equal_the_released_rows(released_session: Session) -> None:
    released = results.read_released(released_session, "2019", "0182", SERVICE)
    download = tables.municipality_table(released_session, "2019", "0182", SERVICE)
    found = rows(download.content)
    made = released.estimates[released.estimates["wave"] == "2019"].to_dict("records")
    assert len(found) == len(made)
    assert not TECHNICAL & set(found[0])
    for row, source in zip(found, made, strict=True):
        assert row["indicator"] == source["indicator"]
        if source["released"]:
            assert row["percent"] == str(numbers.whole_percent(source["estimate"]))
            assert row["n"] == str(int(source["n"]))
        else:
            assert (row["percent"], row["percent_lower"], row["n"]) == ("", "", "")
            assert row["reason"]


def test_changes_stand_beside_their_estimates(released_session: Session) -> None:
    found = rows(tables.municipality_table(released_session, "2019", "0182", SERVICE).content)
    row = next(
        row for row in found if row["indicator"] == "problem_drugs" and row["geography"] == "municipality"
    )
    assert (row["change_points"], row["verdict"], row["previous_wave"]) == ("6", "up", "2018")


@pytest.mark.parametrize("table", list(tables.TABLES))
def test_analysts_get_every_column_in_full_precision(released_session: Session, table: str) -> None:
    found = rows(tables.analyst_table(released_session, "2019", table, SERVICE).content)
    release = results.find_release(released_session, "2019", SERVICE)
    made = results.read_table(released_session, tables.TABLES[table], release.id)
    assert [name for name in found[0] if name != "notice"] == list(made.columns)
    assert len(found) == len(made)
    if table == "estimates":
        values = [float(row["estimate"]) for row in found if row["estimate"]]
        assert values == made["estimate"].dropna().tolist()
        assert {row["released"] for row in found} <= {"0", "1"}


def test_downloads_of_simulated_answers_say_so_in_name_and_on_every_row(released_session: Session) -> None:
    downloads = [tables.municipality_table(released_session, "2019", "0182", SERVICE)]
    downloads += [tables.analyst_table(released_session, "2019", table, SERVICE) for table in tables.TABLES]
    for download in downloads:
        assert "SIMULERADE-SVAR" in download.file_name
        found = rows(download.content)
        assert found
        assert next(iter(found[0])) == "notice"
        assert {row["notice"] for row in found} == {NOTICE}


def test_downloads_of_real_answers_do_not(session: Session, store: Callable[..., int]) -> None:
    store(session, golden.release(areas=2), released_at=RELEASED_AT)
    download = tables.municipality_table(session, "2019", "0182", SERVICE)
    assert "SIMULERADE" not in download.file_name
    assert b"SIMULERADE" not in download.content


def test_files_are_written_for_analysts_and_each_municipality(
    released_session: Session, tmp_path: Path
) -> None:
    seen: list[tuple[str, int, int]] = []
    written = tables.write_tables(
        released_session,
        "2019",
        tmp_path,
        lambda *step: seen.append(step),  # type: ignore[arg-type]
    )
    assert {path.name for path in written} == {
        "2019-estimates-SIMULERADE-SVAR.csv",
        "2019-changes-SIMULERADE-SVAR.csv",
        "2019-diagnostics-SIMULERADE-SVAR.csv",
        "2019-response_rates-SIMULERADE-SVAR.csv",
        "2019-0182-nacka-SIMULERADE-SVAR.csv",
        "2019-variabler-SIMULERADE-SVAR.csv",
    }
    assert {path.parent for path in written} == {tmp_path / "release" / "2019"}
    assert seen[-1] == ("tabeller", 6, 6)


def explained(content: bytes, kind: str) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["tabell"], row["namn"]): row for row in rows(content) if row["slag"] == kind}


@pytest.mark.parametrize("synthetic", [True, False])
def test_the_dictionary_explains_every_column_of_every_file_beside_it(
    session: Session, store: Callable[..., int], tmp_path: Path, synthetic: bool
) -> None:
    store(session, golden.release(areas=2, synthetic=synthetic), released_at=RELEASED_AT)
    files = {path.name: path for path in tables.write_tables(session, "2019", tmp_path)}
    suffix = "-SIMULERADE-SVAR" if synthetic else ""
    written = files.pop(f"2019-variabler{suffix}.csv").read_bytes()
    assert (NOTICE in written.decode()) is synthetic
    columns = explained(written, "kolumn")
    for name, path in files.items():
        table = name.removeprefix("2019-").removesuffix(".csv").removesuffix("-SIMULERADE-SVAR")
        table = "kommunens tabell" if table.startswith("0182") else table
        header = next(csv.reader(StringIO(path.read_text(encoding="utf-8"), newline="")))
        assert [column for at, column in columns if at == table] == header
    assert all(row["betydelse"] and row["enhet"] and row["tomt betyder"] for row in columns.values())


def test_the_dictionary_explains_every_code_the_statistics_can_give(released_session: Session) -> None:
    written = tables._dictionary(results.find_release(released_session, "2019", SERVICE)).content
    methods = (ROOT / "analysis" / "METHODS.md").read_text(encoding="utf-8")
    reasons = set(re.findall(r"^\| (\w+) \| (?:yes|no) \|", methods, re.MULTILINE))
    assert len(reasons) >= 8
    assert {name for _, name in explained(written, "skäl")} == reasons
    verdicts = {"up", "down", "unchanged", "too_uncertain", "not_comparable"}
    assert {name for _, name in explained(written, "utfall")} == verdicts


def test_the_dictionary_gives_each_measure_its_questions_and_base(released_session: Session) -> None:
    found = explained(
        tables._dictionary(results.find_release(released_session, "2019", SERVICE)).content, "mått"
    )
    assert [name for _, name in found] == [
        measure.id for measure in (*library.indicators(), *library.indices())
    ]
    assert found["", "problem_index"]["enhet"] == "poäng 0–100"
    assert "Receptets version: 1." in found["", "problem_index"]["betydelse"]
    assert all(row["frågetext"] and row["bas"] for row in found.values())
    several = found["", "victim_any"]["frågetext"].split(" | ")
    assert len(several) == 4


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\tx", "\r=1"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert tables._cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"), [(-0.25, "-0.25"), (3.0, "3"), ("-4", "-4"), (None, ""), (float("nan"), "")]
)
def test_numbers_stay_numbers(value: object, text: str) -> None:
    assert tables._cell(value) == text


def test_file_names_hold_nothing_that_leads_elsewhere() -> None:
    assert slug("Upplands Väsby") == "upplands-vasby"
    assert slug("../../etc/passwd") == "etc-passwd"
    assert slug("漢") == "kommun"
    assert municipality_file("0182", "Nacka", True, "pdf") == "0182-nacka-SIMULERADE-SVAR.pdf"


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file.csv"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in path.parent.iterdir()] == ["file.csv"]
