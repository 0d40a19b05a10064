"""A workbook holds the released rows cell by cell, as another library reads it; no text is a formula."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import golden
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from survey.notice import NOTICE
from survey.publication import numbers, releases, results, wording
from survey.publication.downloads import dictionary, tables, workbooks
from survey.publication.downloads.sheets import Column, Sheet
from survey.publication.downloads.workbooks import HEADER_ROW, About
from survey.publication.embargo import SERVICE
from survey.publication.payload import build_payload
from survey.publication.released import Released
from survey.questionnaire import indicators as library

CASES = ("uncertain", "hidden", "first", "extremes")
SHEETS = ["Läs detta", "Huvudresultat", "Kön och ålder", "Delområden", "Frågor", "Kvalitet"]
IDS = {indicator.label: indicator.id for indicator in library.indicators()}
FIGURES = {"Huvudresultat": 12, "Kön och ålder": 8, "Delområden": 8}  # columns of shares
ABOUT = About("Prov", "", date(2020, 1, 2))
Row = dict[str, Any]


@cache
def opened(case: str) -> tuple[Released, Workbook]:
    released = golden.CASES[case]()
    download = workbooks.report_workbook(build_payload(released))
    return released, load_workbook(BytesIO(download.content))


def rows(page: Worksheet) -> Iterator[tuple[Any, ...]]:
    return page.iter_rows(min_row=HEADER_ROW + 2)


def by_key(released: Released, table: str) -> dict[tuple[str, ...], Row]:
    keys = ("wave", "geography", "code", "gender", "age_group", "indicator")
    return {tuple(str(row[key]) for key in keys): row for row in getattr(released, table).to_dict("records")}


def groups_of(released: Released) -> dict[tuple[str, str], tuple[str, ...]]:
    """Which released group a row of a sheet is about, by sheet and label."""
    own = ("municipality", released.place.code)
    found = {("Kön och ålder", "Alla"): (*own, "all", "all")}
    found |= {("Kön och ålder", f"{age.replace('-', '–')} år"): (*own, "all", age) for age in golden.AGES}
    found |= {
        ("Kön och ålder", label): (*own, gender, "all")
        for gender, label in (("woman", "Kvinnor"), ("man", "Män"))
    }
    areas = released.place.areas.items()
    return found | {("Delområden", name): ("area", code, "all", "all") for code, name in areas}


def check_share(cells: tuple[Any, ...], row: Row | None, otherwise: str) -> None:
    values = [cell.value for cell in cells]
    if row is not None and row["released"]:
        shares = [numbers.whole_percent(row[name]) / 100 for name in ("estimate", "lower", "upper")]
        assert values == [*shares, int(row["n"])]
        assert [cell.number_format for cell in cells] == ["0%", "0%", "0%", "#,##0"]
    else:
        assert values == [wording.reason(row["reason"]) if row else otherwise, "..", "..", ".."]


def check_change(cells: tuple[Any, ...], row: Row | None) -> None:
    values = [cell.value for cell in cells]
    if row is not None and row["released"]:
        assert values[:3] == [numbers.points(row[name]) for name in ("change", "lower", "upper")]
        assert values[3] == dictionary.VERDICTS[row["verdict"]]
        assert values[5] == numbers.points(row["detectable_change"])
    else:
        assert values[:3] == [wording.reason(row["reason"]) if row else "ingen tidigare mätning", "..", ".."]
        assert values[4:] == [None, ".."]


@pytest.mark.parametrize("case", CASES)
def test_every_cell_is_its_released_row(case: str) -> None:
    released, book = opened(case)
    estimates, changes = by_key(released, "estimates"), by_key(released, "changes")
    groups = groups_of(released)
    compared = 0
    for name, first in (("Huvudresultat", 2), ("Kön och ålder", 3), ("Delområden", 3)):
        for cells in rows(book[name]):
            group = (
                groups["Kön och ålder" if name == "Huvudresultat" else name, "Alla"]
                if first == 2
                else (groups[name, cells[2].value])
            )
            key = (*group, IDS[cells[1].value])
            change = changes.get((released.wave.code, *key))
            before = estimates.get((str(change["previous_wave"]), *key)) if change else None
            check_share(cells[first : first + 4], estimates[released.wave.code, *key], "")
            check_share(cells[first + 4 : first + 8], before, "ingen tidigare mätning")
            shares = FIGURES[name]
            if name == "Huvudresultat":
                region = (released.wave.code, "all", "all", "all", "all", key[-1])
                check_share(cells[first + 8 : first + 12], estimates.get(region), "")
            check_change(cells[first + shares : first + shares + 6], change)
            compared += 1
    shown = len(IDS) * (1 + 3 + len(golden.AGES) + len(released.place.areas))
    assert compared == shown


@pytest.mark.parametrize("case", ["typical", "hidden"])
def test_the_sheets_say_what_they_are_and_stay_readable(case: str) -> None:
    released, book = opened(case)
    assert book.sheetnames == SHEETS
    facts = {cells[0].value: cells[1].value for cells in rows(book["Läs detta"])}
    assert facts["Kommun"] == f"{released.place.name} ({released.place.code})"
    assert facts["Svarstid, första dag"].date() == released.wave.field_start
    assert facts["Svarade"] == sum(
        int(row["responded"])
        for row in released.response_rates.to_dict("records")
        if (row["wave"], row["legal_gender"], row["age_group"]) == (released.wave.code, "all", "all")
    )
    for page in book:
        headers = [cell.value for cell in page[HEADER_ROW + 1]]
        assert all(headers), page.title
        assert len(set(headers)) == len(headers)
        assert page.freeze_panes is not None
        assert page.auto_filter.ref
        assert page.print_title_rows == f"${HEADER_ROW + 1}:${HEADER_ROW + 1}"
        assert not page.merged_cells.ranges
        mark = page.cell(HEADER_ROW, 1).value
        assert (mark == NOTICE) is released.wave.synthetic
    assert book.properties.title == f"Trygghet i {released.place.name}, {released.wave.title}"


def test_no_text_of_people_becomes_a_formula_a_link_or_a_number() -> None:
    unsafe = (
        '=HYPERLINK("http://x.example")',
        "+1+1",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "{=1}",
        "0012",
        "1e5",
        "http://x.example",
        "a\x00b\x0bc",
        "_x0041_",
        "&P &[File]",
        "Å" * 3000,
    )
    sheet = Sheet("Prov", "=1+1", "@x", (Column("=2"), Column("Två")), tuple((text, text) for text in unsafe))
    content = workbooks.write_workbook([sheet], replace(ABOUT, title="=1 &P", notice="=NU()"))
    page = load_workbook(BytesIO(content))["Prov"]
    for row, text in zip(rows(page), unsafe, strict=True):
        assert {cell.data_type for cell in row} == {"s"}
        assert all(cell.hyperlink is None for cell in row)
        assert row[0].quotePrefix == text.startswith(("=", "+", "-", "@", "\t"))
    assert {cell.data_type for row in page.iter_rows(max_row=HEADER_ROW + 1) for cell in row} <= {"s", "n"}
    assert "&&P" in page.oddFooter.left.text
    read = [row[0].value for row in rows(page)]
    assert read[:4] == list(unsafe[:4])
    assert read[-1] == unsafe[-1]


def test_a_text_no_cell_can_hold_is_an_error_and_never_cut() -> None:
    sheet = Sheet("Prov", "Prov", "", (Column("Ett"),), (("a" * 32_768,),))
    with pytest.raises(workbooks.WorkbookError, match="ryms inte"):
        workbooks.write_workbook([sheet], ABOUT)


def test_the_same_release_gives_the_same_file() -> None:
    report = build_payload(golden.CASES["hidden"]())
    first, second = (workbooks.report_workbook(report).content for _ in range(2))
    assert first == second
    assert {entry.date_time[0] for entry in ZipFile(BytesIO(first)).infolist()} == {1980}


def test_analysts_get_every_total_in_full_precision(released_session: Session) -> None:
    download = workbooks.analyst_workbook(released_session, "2019", SERVICE)
    book = load_workbook(BytesIO(download.content))
    release = releases.find_release(released_session, "2019", SERVICE)
    names = {"estimates": "Skattningar", "changes": "Förändringar"}
    names |= {"diagnostics": "Svar och vikter", "response_rates": "Svarsfrekvens"}
    for table, name in names.items():
        made = results.read_table(released_session, tables.TABLES[table], release.id)
        if "geography" in made:
            made = made[made["geography"].ne("area") & made["gender"].eq("all") & made["age_group"].eq("all")]
        head, *found = book[name].iter_rows(min_row=HEADER_ROW + 1, values_only=True)
        assert list(head[1:]) == list(made.columns)
        assert len(found) == len(made) > 0
        for row, source in zip(found, made.to_dict("records"), strict=True):
            for value, want in zip(row[1:], source.values(), strict=True):
                missing = want is None or want == "" or want != want
                wanted = None if missing else pytest.approx(want, rel=1e-15) if type(want) is float else want
                assert value == wanted, (name, source)
    assert {row[0] for row in book["Skattningar"].iter_rows(min_row=HEADER_ROW + 2, values_only=True)} == {
        "Nacka",
        "Hela regionen",
    }
