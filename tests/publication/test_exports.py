"""The files of a wave are one batch: every file is listed, counted and whole, or the last batch stays."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import golden
import pytest
from openpyxl import load_workbook
from pptx import Presentation
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT

from survey.database import Databases
from survey.publication.downloads import exports, tables
from survey.publication.downloads.workbooks import HEADER_ROW, WorkbookError
from survey.publication.embargo import SERVICE

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
def released(sqlite_databases: Databases, store: Callable[..., int]) -> Iterator[Session]:
    """Nacka's wave, released; that rows are read alike from each database is shown elsewhere."""
    with sqlite_databases.transaction() as session:
        store(session, golden.release(synthetic=True, areas=1), released_at=RELEASED_AT)
        yield session


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


def test_the_manifest_lists_every_file_with_its_rows_and_fingerprint(
    released: Session, tmp_path: Path
) -> None:
    seen: list[tuple[str, int, int]] = []
    written = exports.write_downloads(
        released,
        "2019",
        tmp_path,
        lambda *step: seen.append(step),  # type: ignore[arg-type]
    )
    folder = tmp_path / "release" / "2019"
    assert {path.name for path in folder.iterdir()} == {*FILES, exports.MANIFEST}
    assert set(written) == set(folder.iterdir())
    assert seen[-1] == ("filer", 2, 2)
    manifest = json.loads((folder / exports.MANIFEST).read_text(encoding="utf-8"))
    assert (manifest["wave"], manifest["version"], manifest["synthetic"]) == ("2019", 1, True)
    for entry in manifest["files"]:
        path = folder / entry["file_name"]
        content = path.read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
        assert entry["rows"] == rows_of(path), path.name
        assert entry["municipality_code"] == ("0182" if "0182" in path.name else "")
    assert exports.find_faults(folder) == []
    assert [path.name for path in folder.parent.iterdir()] == ["2019"]


@pytest.mark.parametrize("fault", [WorkbookError("En cell ryms inte."), OSError("disken är full")])
def test_a_batch_that_cannot_be_finished_leaves_the_last_one_whole(
    released: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    exports.write_downloads(released, "2019", tmp_path)
    folder = tmp_path / "release" / "2019"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fails(*_: object) -> None:
        raise fault

    monkeypatch.setattr(exports, "report_workbook", fails)
    with pytest.raises(exports.ExportError, match=r"Inget är ändrat\."):
        exports.write_downloads(released, "2019", tmp_path)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["2019"]


def test_one_run_tells_of_everybody_whose_files_cannot_be_made(
    released: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("ett tal för mycket")

    monkeypatch.setattr(exports, "analyst_workbook", fails)
    monkeypatch.setattr(exports, "report_deck", fails)
    told = r"för 2 av 2 .*analytiker: ett tal för mycket kommun 0182: ett tal för mycket Inget är ändrat"
    with pytest.raises(exports.ExportError, match=told):
        exports.write_downloads(released, "2019", tmp_path)
    assert list((tmp_path / "release").iterdir()) == []


def test_a_file_the_disk_did_not_keep_whole_is_noticed(
    released: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = exports.write_whole
    monkeypatch.setattr(
        exports,
        "write_whole",
        lambda path, content: whole(path, content[:-1] if path.suffix == ".pptx" else content),
    )
    with pytest.raises(exports.ExportError, match=r"nacka-SIMULERADE-SVAR\.pptx: har ändrats"):
        exports.write_downloads(released, "2019", tmp_path)
    assert list((tmp_path / "release").iterdir()) == []


def test_two_files_of_one_name_are_refused(
    released: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = tables.municipality_table(released, "2019", "0182", SERVICE)
    monkeypatch.setattr(exports, "report_workbook", lambda _: same)
    with pytest.raises(exports.ExportError, match="Två filer"):
        exports.write_downloads(released, "2019", tmp_path)
    assert list((tmp_path / "release").iterdir()) == []


def test_what_was_changed_lost_or_added_since_is_found(released: Session, tmp_path: Path) -> None:
    exports.write_downloads(released, "2019", tmp_path)
    folder = tmp_path / "release" / "2019"
    (folder / f"2019-changes{MARK}.csv").write_bytes(b"")
    (folder / f"2019-diagnostics{MARK}.csv").unlink()
    (folder / "extra.csv").write_bytes(b"")
    assert exports.find_faults(folder) == [
        f"2019-diagnostics{MARK}.csv: saknas",
        "extra.csv: står inte i förteckningen",
        f"2019-changes{MARK}.csv: har ändrats",
    ]


def test_sizes_are_told_of_the_newest_release_only(
    released: Session, store: Callable[..., int], tmp_path: Path
) -> None:
    assert exports.sizes(released, "2019", tmp_path, SERVICE, "0182") == {}
    exports.write_downloads(released, "2019", tmp_path)
    found = exports.sizes(released, "2019", tmp_path, SERVICE, "0182")
    assert set(found) == {"table.csv", "codebook.csv", "codebook.json", "workbook.xlsx", "deck.pptx"}
    size = (tmp_path / "release" / "2019" / f"2019-0182-nacka{MARK}.xlsx").stat().st_size
    assert found["workbook.xlsx"] == size
    store(released, golden.release(areas=1, synthetic=True), version=2, released_at=RELEASED_AT)
    assert exports.sizes(released, "2019", tmp_path, SERVICE, "0182") == {}
