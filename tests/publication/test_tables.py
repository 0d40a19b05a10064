"""Downloads hold released rows: whole figures for the public, every column for analysts."""

import csv
import errno
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import golden
import pandas as pd
import pytest
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT

from survey.notice import NOTICE
from survey.publication import numbers, releases, results
from survey.publication.downloads import tables
from survey.publication.downloads.files import municipality_file, slug, write_whole
from survey.publication.embargo import SERVICE

TECHNICAL = {"se", "df", "n_eff", "p", "p_bh", "p_holm", "p_adjusted", "population", "estimate"}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8"), newline="")))


def test_a_municipalitys_figures_are_whole_and_equal_the_released_rows(released_session: Session) -> None:
    released = results.read_released(released_session, "2019", "0182", SERVICE)
    download = tables.municipality_table(released_session, "2019", "0182", SERVICE)
    found = rows(download.content)
    made = golden.by_measure(released.estimates[released.estimates["wave"] == "2019"].to_dict("records"))
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
    release = releases.find_release(released_session, "2019", SERVICE)
    made = results.read_table(released_session, tables.TABLES[table], release.id)
    assert [name for name in found[0] if name != "notice"] == list(made.columns)
    assert len(found) == len(made) > 0
    for row, source in zip(found, made.to_dict("records"), strict=True):
        for name, value in source.items():
            if isinstance(value, str):
                assert row[name] == value, name
            elif pd.isna(value):
                assert row[name] == "", name
            else:
                assert float(row[name]) == float(value), name


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


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\tx", "\r=1"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert tables.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"), [(-0.25, "-0.25"), (3.0, "3"), ("-4", "-4"), (None, ""), (float("nan"), "")]
)
def test_numbers_stay_numbers(value: object, text: str) -> None:
    assert tables.cell(value) == text


def test_file_names_hold_nothing_that_leads_elsewhere() -> None:
    assert slug("Upplands Väsby") == "upplands-vasby"
    assert slug("../../etc/passwd") == "etc-passwd"
    assert slug("漢") == "kommun"
    assert municipality_file("0182", "Nacka", True, "pdf") == "0182-nacka-SIMULERADE-SVAR.pdf"


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "folder" / "file.csv"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in path.parent.iterdir()] == ["file.csv"]

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("survey.publication.downloads.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"third")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in path.parent.iterdir()] == ["file.csv"]
