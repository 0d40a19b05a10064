"""Every file of a wave is listed, counted and whole; whoever's files fail has none, and is named."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path

import golden
import pytest
from golden_reports import PROMISE
from openpyxl import load_workbook
from pptx import Presentation
from stored_release import RELEASED_AT, store_country

from survey.database import Databases
from survey.models.report_note import NoteKind, ReportNote
from survey.publication.downloads import exports
from survey.publication.downloads.tables import Download
from survey.publication.downloads.workbooks import HEADER_ROW, WorkbookError
from survey.publication.embargo import SERVICE
from survey.publication.receipt import Receipt

MARK = "-SIMULERADE-SVAR"
FILES = {
    f"2019-estimates{MARK}.csv",
    f"2019-changes{MARK}.csv",
    f"2019-diagnostics{MARK}.csv",
    f"2019-response_rates{MARK}.csv",
    f"2019-variabler{MARK}.csv",
    f"2019-variabler{MARK}.json",
    f"2019-0182-nacka{MARK}.csv",
    f"2019-0182-nacka-kodbok{MARK}.csv",
    f"2019-0182-nacka-kodbok{MARK}.json",
    f"2019-0182-nacka{MARK}.xlsx",
    f"2019-alla{MARK}.xlsx",
    f"2019-0182-nacka{MARK}.pptx",
}


@pytest.fixture
def released(sqlite_databases: Databases, store: Callable[..., int]) -> Databases:
    """Nacka's wave, released; that rows are read alike from each database is shown elsewhere."""
    with sqlite_databases.transaction() as session:
        store(session, golden.release(synthetic=True, areas=1), released_at=RELEASED_AT)
    return sqlite_databases


def rows_of(path: Path) -> int:
    """Rows as other readers count them."""
    if path.suffix == ".xlsx":
        return sum(page.max_row - HEADER_ROW - 1 for page in load_workbook(path))
    if path.suffix == ".pptx":
        charts = [
            shape.chart for page in Presentation(path).slides for shape in page.shapes if shape.has_chart
        ]
        return sum(len(list(chart.plots[0].categories)) for chart in charts)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return len(json.loads(text)["rows"])
    return len(list(csv.DictReader(StringIO(text, newline=""))))


def unlike_the_list(folder: Path) -> set[str]:
    """Files that are not there, not listed or not as they were when they were listed."""
    manifest = json.loads((folder / exports.MANIFEST).read_text(encoding="utf-8"))
    listed = {entry["file_name"]: entry["sha256"] for entry in manifest["files"]}
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    del there[exports.MANIFEST]
    return {name for name, _ in listed.items() ^ there.items()}


def test_every_file_is_listed_with_rows_and_fingerprint_and_a_second_run_makes_only_what_is_missing(
    released: Databases, tmp_path: Path
) -> None:
    seen: list[tuple[str, int, int]] = []
    first = exports.write_downloads(released, "2019", tmp_path, lambda *step: seen.append(step), by="Anna")
    folder = tmp_path / "release" / "2019"
    assert {path.name for path in first.written} == FILES
    assert {path.name for path in folder.iterdir()} == {*FILES, exports.MANIFEST}
    assert (first.failed, seen[-1]) == ({}, ("filer", 2, 2))
    manifest = json.loads((folder / exports.MANIFEST).read_text(encoding="utf-8"))
    assert (manifest["wave"], manifest["version"], manifest["synthetic"]) == ("2019", 1, True)
    for entry in manifest["files"]:
        path = folder / entry["file_name"]
        content = path.read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
        assert entry["rows"] == rows_of(path), path.name
        assert entry["municipality_code"] == ("0182" if "0182" in path.name else "")
    with released.reading() as session:
        found = exports.sizes(session, "2019", tmp_path, SERVICE, "0182")
    assert set(found) == {"table.csv", "codebook.csv", "codebook.json", "workbook.xlsx", "deck.pptx"}
    assert found["deck.pptx"] == (folder / f"2019-0182-nacka{MARK}.pptx").stat().st_size

    (folder / f"2019-changes{MARK}.csv").write_bytes(b"")
    (folder / f"2019-diagnostics{MARK}.csv").unlink()
    (folder / "extra.csv").write_bytes(b"")
    assert unlike_the_list(folder) == {
        f"2019-changes{MARK}.csv",
        f"2019-diagnostics{MARK}.csv",
        "extra.csv",
    }
    again = exports.write_downloads(released, "2019", tmp_path, by="Anna")
    assert {path.name for path in again.written} == {name for name in FILES if "0182" not in name}
    assert (again.kept, len(again), unlike_the_list(folder)) == (5, len(FILES), set())

    with released.transaction() as session:
        session.add(
            ReportNote(
                release_id=1,
                municipality_code="0182",
                place="summary",
                kind=NoteKind.COMMENT.value,
                text="Läs tabellen.",
                noted_by="Anna",
                noted_at=RELEASED_AT,
            )
        )
    noted = exports.write_downloads(released, "2019", tmp_path, by="Anna")
    assert all("0182" in path.name for path in noted.written)
    assert len(noted.written) == 5


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (WorkbookError("En cell ryms inte."), "En cell ryms inte."),
        (OSError("disken är full"), "disken är full"),
        (None, "har ändrats"),
    ],
)
def test_a_municipality_whose_files_fail_has_none_and_the_others_have_theirs(
    released: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception | None, told: str
) -> None:
    """The last: a file that the disk did not keep whole."""

    def fails(*_: object) -> None:
        raise fault or AssertionError

    whole = exports.write_whole
    if fault:
        monkeypatch.setattr(exports, "report_deck", fails)
    else:
        monkeypatch.setattr(
            exports,
            "write_whole",
            lambda path, content: whole(path, content[:-1] if path.suffix == ".pptx" else content),
        )
    batch = exports.write_downloads(released, "2019", tmp_path, by="Anna")
    assert list(batch.failed) == ["0182"]
    assert told in batch.failed["0182"]
    assert {path.name for path in batch.folder.iterdir() if "0182" in path.name} == set()
    with released.reading() as session:
        assert exports.sizes(session, "2019", tmp_path, SERVICE, "0182") == {}
        assert exports.sizes(session, "2019", tmp_path, SERVICE) != {}
    monkeypatch.undo()
    mended = exports.write_downloads(released, "2019", tmp_path, by="Anna")
    assert (len(mended.written), mended.kept, mended.failed) == (5, 7, {})


def test_the_deck_among_the_files_tells_what_was_promised_by_its_wave(
    released: Databases, tmp_path: Path
) -> None:
    """As the one from the municipality's page does."""

    def promised(_session: object, code: str, until: date) -> tuple[Receipt, ...]:
        return (PROMISE,) if (code, until) == ("0182", date(2019, 9, 2)) else ()

    told = {}
    for folder, receipts in (("with", promised), ("without", None)):
        batch = exports.write_downloads(released, "2019", tmp_path / folder, by="Anna", receipts=receipts)
        (path,) = (path for path in batch.written if path.suffix == ".pptx")
        shapes = [shape for slide in Presentation(str(path)).slides for shape in slide.shapes]
        told[folder] = " ".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)
    assert PROMISE.title in told["with"]
    assert PROMISE.title not in told["without"]


def test_work_that_is_broken_off_goes_on_from_the_manifest(
    sqlite_databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And two files of one name are refused to the second of their owners."""
    small = Download("x.csv", b"a\n", 0)

    def of_owner(
        _session: object, _wave: str, code: str, _receipts: object
    ) -> Iterator[tuple[str, Download]]:
        yield "table", replace(small, file_name=f"{code if code != '0003' else '0002'}.csv")

    with sqlite_databases.transaction() as session:
        store_country(session, golden.release(areas=0, judge=None), ["0001", "0002", "0003", "0004"])
    monkeypatch.setattr(exports, "_for_owner", of_owner)
    monkeypatch.setattr(exports, "AT_A_TIME", 2)

    def killed(_label: str, done: int, total: int) -> None:
        assert total == 6
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exports.write_downloads(sqlite_databases, "2019", tmp_path, killed, by="Anna")
    batch = exports.write_downloads(sqlite_databases, "2019", tmp_path, by="Anna")
    assert batch.kept == 2
    assert [path.stem for path in batch.written] == ["0002", "0004", "0182"]
    assert batch.failed == {"0003": "Två filer skulle heta 0002.csv."}
    assert unlike_the_list(batch.folder) == set()
