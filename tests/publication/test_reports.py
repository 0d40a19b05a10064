"""A batch of reports survives a report that fails, and goes on where it stopped."""

import hashlib
import os
import resource
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import golden
import pikepdf
import pypdfium2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT, store_country

from survey.database import Databases
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.release import Report
from survey.publication.content import MunicipalityReport
from survey.publication.embargo import SERVICE
from survey.publication.report import children, reports
from survey.publication.report.report_editing import write_comment
from survey.publication.report.reports import find_report, write_reports


@pytest.fixture
def nacka(sqlite_databases: Databases, store: Callable[..., int]) -> Databases:
    with sqlite_databases.transaction() as session:
        store(session, golden.release(areas=2, synthetic=True), released_at=RELEASED_AT)
    return sqlite_databases


def test_reports_are_written_recorded_and_found_again(nacka: Databases, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    batch = write_reports(nacka, "2019", tmp_path, by="analyst", progress=lambda *step: seen.append(step))
    path = tmp_path / "reports" / "2019" / "0182-nacka-SIMULERADE-SVAR.pdf"
    assert [file.path for file in batch.written] == [path]
    assert batch.failed == {}
    assert seen == [("rapporter", 1, 1)]
    with nacka.reading() as session:
        row = session.scalars(select(Report)).one()
        assert row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert row.pages == len(pypdfium2.PdfDocument(BytesIO(path.read_bytes())))
        assert find_report(session, "2019", "0182", tmp_path, SERVICE) == path
        assert session.scalars(select(AuditEvent.action)).all() == ["write reports"]


@pytest.mark.long
def test_a_second_run_leaves_finished_reports_alone_and_mends_changed_ones(
    nacka: Databases, tmp_path: Path
) -> None:
    (file,) = write_reports(nacka, "2019", tmp_path, by="analyst").written
    written_at = file.path.stat().st_mtime_ns
    again = write_reports(nacka, "2019", tmp_path, by="analyst")
    assert (again.written, again.kept) == ((), (file.path,))
    assert file.path.stat().st_mtime_ns == written_at
    file.path.write_bytes(b"changed")
    with nacka.reading() as session:
        assert find_report(session, "2019", "0182", tmp_path, SERVICE) is None
    (mended,) = write_reports(nacka, "2019", tmp_path, by="analyst").written
    assert mended.sha256 == file.sha256


def test_a_report_that_fails_leaves_no_earlier_file_looking_current(
    nacka: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = write_reports(nacka, "2019", tmp_path, by="analyst").written
    other = file.path.with_name("0180-stockholm-SIMULERADE-SVAR.pdf")
    other.write_bytes(b"another municipality's")
    renamed = file.path.with_name("0182-nakka-SIMULERADE-SVAR.pdf")
    renamed.write_bytes(b"an earlier name")
    file.path.write_bytes(b"changed by somebody")
    monkeypatch.setattr(children, "CPU_SECONDS", 0)
    batch = write_reports(nacka, "2019", tmp_path, by="analyst")
    assert list(batch.failed) == ["0182"]
    assert batch.failed["0182"]
    with nacka.reading() as session:
        assert find_report(session, "2019", "0182", tmp_path, SERVICE) is None
    assert sorted(path.name for path in file.path.parent.iterdir()) == [other.name]


@pytest.mark.long
def test_a_second_release_gets_reports_of_its_own_beside_those_of_the_first(
    nacka: Databases, store: Callable[..., int], tmp_path: Path
) -> None:
    (first,) = write_reports(nacka, "2019", tmp_path, by="analyst").written
    with nacka.transaction() as session:
        made = golden.release(areas=2, synthetic=True, judge=golden.all_up)
        store(session, made, version=2, released_at=RELEASED_AT)
        assert find_report(session, "2019", "0182", tmp_path, SERVICE) is None
    (second,) = write_reports(nacka, "2019", tmp_path, by="analyst").written
    with nacka.reading() as session:
        assert find_report(session, "2019", "0182", tmp_path, SERVICE) == second.path != first.path
        assert find_report(session, "2019", "0182", tmp_path, SERVICE, version=1) == first.path
    assert second.sha256 != first.sha256
    assert first.sha256 == hashlib.sha256(first.path.read_bytes()).hexdigest()


def small(report: MunicipalityReport, _table: object) -> bytes:
    """A page that is made at once; one municipality has none."""
    if report.municipality_code == "0005":
        raise ValueError("no such glyph")
    written = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.docinfo["/Title"] = report.title
        pdf.save(written, deterministic_id=True)
    return written.getvalue()


def test_a_batch_that_is_broken_off_goes_on_where_it_was_and_names_what_failed(
    sqlite_databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_databases.transaction() as session:
        store_country(
            session, golden.release(areas=0, judge=None), [f"000{number}" for number in range(1, 9)]
        )
    monkeypatch.setattr(reports, "render", small)
    monkeypatch.setattr(reports, "AT_A_TIME", 3)

    def killed(_label: str, done: int, total: int) -> None:
        assert total == 9
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_reports(sqlite_databases, "2019", tmp_path, by="analyst", progress=killed)
    with sqlite_databases.reading() as session:
        assert session.scalars(select(Report.municipality_code)).all() == ["0001", "0002", "0003"]
    seen: list[tuple[str, int, int]] = []
    batch = write_reports(
        sqlite_databases, "2019", tmp_path, by="analyst", progress=lambda *step: seen.append(step)
    )
    assert [path.name[:4] for path in batch.kept] == ["0001", "0002", "0003"]
    assert sorted(file.municipality_code for file in batch.written) == [
        "0004",
        "0006",
        "0007",
        "0008",
        "0182",
    ]
    assert list(batch.failed) == ["0005"]
    assert "no such glyph" in batch.failed["0005"]
    assert seen[-1] == ("rapporter", 9, 9)
    again = write_reports(sqlite_databases, "2019", tmp_path, by="analyst")
    assert (len(again.kept), again.written, list(again.failed)) == (8, (), ["0005"])


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_the_parent_of_many_reports_does_not_grow() -> None:
    """Twenty-seven reports pass through; the parent keeps none of them."""
    reports = [(f"Kommun {number}", large) for number in range(27)]
    seen = []
    for _, pdf, fault in children.render_apart(iter(reports)):
        assert not fault
        assert len(pdf) == LARGE
        seen.append(resident_bytes())
    assert len(seen) == 27
    assert seen[-1] - seen[4] < 2 * LARGE


LARGE = 8_000_000


def large() -> bytes:
    return b"." * LARGE


def test_an_unknown_municipality_is_refused(nacka: Databases, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="9999"):
        write_reports(nacka, "2019", tmp_path, ["9999"], by="analyst")
    assert not (tmp_path / "reports").exists()


def obedient(*names: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Work that does what it is called."""
    return iter([(name, partial(obey, name)) for name in names])


def obey(name: str) -> bytes:
    if name == "fails":
        raise ValueError("no such glyph")
    if name == "dies":
        os._exit(9)
    if name == "grows":
        return bytes(4 * children.MEMORY)
    if name == "hangs":
        time.sleep(60)
    return name.encode() * 100_000


def test_a_report_that_fails_takes_no_other_with_it() -> None:
    found = {
        code: (pdf, fault)
        for code, pdf, fault in children.render_apart(obedient("first", "fails", "dies", "grows", "last"))
    }
    assert found["first"] == (b"first" * 100_000, "")
    assert found["last"] == (b"last" * 100_000, "")
    assert "no such glyph" in found["fails"][1]
    assert found["dies"][1]
    assert "MemoryError" in found["grows"][1]
    assert not found["fails"][0]


def test_nothing_is_made_ready_where_there_is_no_report_to_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(children, "warm_up")
    assert list(children.render_apart(iter(()))) == []


def test_a_report_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "WALL_SECONDS", 0.5)
    started = time.monotonic()
    ((code, pdf, fault),) = children.render_apart(obedient("hangs"))
    assert (code, pdf) == ("hangs", b"")
    assert "signal" in fault
    assert time.monotonic() - started < 20


def test_nothing_is_left_running_when_the_batch_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    start = children._start

    def remember(*arguments: Any) -> Any:
        started.append(start(*arguments))
        return started[-1]

    monkeypatch.setattr(children, "_start", remember)
    batch = children.render_apart(obedient("first", "hangs"))
    next(batch)
    batch.close()
    assert len(started) == 2
    for child in started:
        with pytest.raises(ChildProcessError):
            os.waitpid(child.pid, os.WNOHANG)


def test_reports_are_recorded_on_either_database(
    session: Session, store: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(session, golden.release(areas=2), released_at=RELEASED_AT)
    monkeypatch.setattr(reports, "render", small)
    batch = reports.render_reports(session, "2019", 1, tmp_path, ["0182"], lambda _: None)
    assert [file.path.name for file in batch.written] == ["0182-nacka.pdf"]
    # What an analyst says meanwhile is not in the file: it is out of use before it is recorded.
    write_comment(session, "2019", "0182", "summary", "Läs avsnittet om metoden.", by="analyst")
    reports.record_reports(session, batch, by="analyst")
    assert session.scalars(select(Report)).all() == []
    batch = reports.render_reports(session, "2019", 1, tmp_path, ["0182"], lambda _: None)
    reports.record_reports(session, batch, by="analyst")
    assert len(session.scalars(select(Report)).all()) == 1
