"""The PDF says what the report says, to everybody who reads it, in whatever way."""

import csv
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO, StringIO
from itertools import pairwise
from pathlib import Path

import golden
import pikepdf
import pytest
from golden_reports import Golden

from survey.notice import NOTICE
from survey.publication.content import GroupFigures, IndicatorResult
from survey.publication.downloads import tables
from survey.publication.numbers import whole_percent
from survey.publication.payload import build_payload
from survey.publication.report.layout import has_groups, topic_pages
from survey.publication.report.rendering import compose, render

GoldenCase = Callable[[str], Golden]


def squeezed(text: str) -> str:
    """Text without the breaks and spaces that typesetting puts anywhere."""
    return re.sub(r"\s+", "", text)


def groups_of(result: IndicatorResult) -> list[GroupFigures]:
    region = [result.region] if result.region else []
    before = [replace(result.total, now=result.total.before)] if result.total.before.text else []
    return [result.total, *before, *result.genders, *result.ages, *region]


def test_every_figure_of_the_report_is_in_the_pdf_in_the_order_of_its_table(case: Golden) -> None:
    text = squeezed(case.text)
    for result in case.report.indicators:
        cells = []
        for group in groups_of(result):
            cells.append(group.now.text + (f"({group.now.interval})" if group.now.interval else ""))
        missing = [cell for cell in cells if squeezed(cell) not in text]
        assert not missing, f"{result.id}: {missing}"
        row = squeezed(f"{result.label}{result.total.now.n or result.total.now.text}{cells[0]}")
        assert row in text, row


def test_every_change_of_the_report_is_in_the_pdf(case: Golden) -> None:
    text = squeezed(case.text)
    for result in case.report.indicators:
        change = result.total.change
        assert squeezed(f"{change.mark}{change.text}") in text


def test_the_sentences_that_matter_stand_on_one_page(case: Golden) -> None:
    page = squeezed(case.pages[1])
    assert all(squeezed(sentence) in page for sentence in case.report.summary.sentences)


def test_a_report_has_16_to_24_pages_unless_there_is_little_to_show_or_many_areas(case: Golden) -> None:
    areas = len(case.report.headlines[0].areas)
    fewest = 14 if case.name == "hidden" else 16
    assert fewest <= len(case.pages) <= 24 + max(0, areas - 28) // 15


def test_the_summary_fills_two_pages_and_each_topic_a_spread(case: Golden) -> None:
    """Nothing runs over: what follows a page begins on the one after it."""
    headings = ("Det viktigaste", "Vad vi vet och inte vet", "Delområden", "Vilka svarade")
    starts = {
        heading: number
        for number, page in reversed(list(enumerate(case.pages)))
        for heading in headings
        if heading in page.splitlines() and "Innehåll" not in page.splitlines()[:3]
    }
    assert (starts["Det viktigaste"], starts["Vad vi vet och inte vet"]) == (1, 2)
    assert "Innehåll" in case.pages[3 if case.report.previous else 2]
    following = starts["Delområden"] if "Delområden" in starts else starts["Vilka svarade"]
    spreads = topic_pages(case.report)
    first = 5 if case.report.previous else 3  # without changes what is known leaves room for the contents
    assert following == first + sum(2 if has_groups(spread) else 1 for spread in spreads)


def test_a_topic_with_room_for_it_shows_its_main_measure_by_area(one_case: GoldenCase) -> None:
    shown = one_case("uncertain")
    for result in shown.report.headlines:
        (page,) = (page for page in shown.pages if f"{result.label} efter delområde" in page.splitlines())
        assert ("Delområden" in page.splitlines()) is (result.topic == "unsafe")
        for area in result.areas:
            assert squeezed(f"{area.label} {area.now.text} ({area.now.interval})") in squeezed(page)
    titles = {f"{result.label} efter delområde" for result in shown.report.headlines}
    # Nor where areas are too many for a chart, or where their figures are hidden.
    for name, drawn in (("large", set()), ("hidden", {"Oro för våld efter delområde"})):
        assert titles & {line for page in one_case(name).pages for line in page.splitlines()} == drawn


def test_certain_changes_in_areas_and_groups_are_listed_or_said_to_be_in_the_table(
    one_case: GoldenCase,
) -> None:
    parts = {("0182-03", "woman"): 0.183, ("0182", "man"): 0.1, ("0182-02", "all"): -0.137}
    report = build_payload(golden.changed_in(golden.CASES["uncertain"](), parts))
    (listed,) = re.findall(
        r"Säkert förändrat i delområden och grupper.*?</table>", compose(report), re.DOTALL
    )
    assert re.findall(r"<tr>(?:<th[^>]*>|</?t[hd]>|[^<])*</tr>", listed.split("<tbody>")[1]) == [
        f'<tr><th scope="row">{part}</th><td>{better}</td><td>{worse}</td></tr>'
        for part, better, worse in (
            ("Område 2", "otrygg ute sent på kvällen ▼\u00a0−14 (9–\u206019)", "–"),
            ("Män", "–", "otrygg ute sent på kvällen ▲\u00a0+10 (5–\u206015)"),
            ("Område 3, kvinnor", "–", "otrygg ute sent på kvällen ▲\u00a0+18 (13–\u206023)"),
        )
    ]
    one_area = golden.release(n=420, judge=golden.uncertain, areas=1)
    alone = compose(build_payload(golden.changed_in(one_area, {("0182", "man"): 0.1})))
    assert "Säkert förändrat i delområden och grupper" in alone.split('id="changes"')[1].split("<section")[0]
    many = one_case("large")
    assert "förändringar säkerställda. Alla står i tabellen" in many.text
    assert "Säkert förändrat i delområden och grupper" not in many.text


def test_a_table_by_gender_in_each_age_is_left_out_where_it_would_be_dots(case: Golden) -> None:
    found = re.findall(r"kvinnor och män i varje åldersgrupp.*?</table>", compose(case.report), re.DOTALL)
    for table in found:
        cells = re.findall(r"<td[^>]*>([^<]*)", table)
        assert 2 * sum(cell == ".." for cell in cells) < len(cells)
    assert found or case.name == "hidden"


def test_each_page_but_the_cover_says_which_page_it_is(case: Golden) -> None:
    for number, page in enumerate(case.pages[1:], start=2):
        assert f"Sida {number} av {len(case.pages)}" in page


def test_simulated_answers_are_called_so_on_every_page_in_the_title_and_in_the_metadata(
    one_case: GoldenCase,
) -> None:
    found = one_case("typical")
    assert all(NOTICE in page for page in found.pages)
    with found.open() as pdf:
        assert NOTICE in str(pdf.docinfo["/Title"])
        assert NOTICE in str(pdf.docinfo["/Subject"])
        with pdf.open_metadata() as metadata:
            assert NOTICE in str(metadata["dc:title"])


def test_every_chart_of_simulated_answers_says_so(one_case: GoldenCase) -> None:
    found = one_case("typical")
    with found.open() as pdf:
        alternatives = [str(element.Alt) for element in elements(pdf) if element.get("/S") == "/Figure"]
    assert len(alternatives) >= 8
    assert all(alternative.startswith(NOTICE) for alternative in alternatives)
    assert compose(found.report).count('class="chart"') == compose(found.report).count(
        f'<p class="chart-source"><strong class="notice">{NOTICE}'
    )


def test_real_answers_are_never_called_simulated(one_case: GoldenCase) -> None:
    found = one_case("uncertain")
    assert "SIMULERADE" not in found.text
    with found.open() as pdf:
        assert "SIMULERADE" not in str(pdf.docinfo["/Title"])


def elements(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    return [
        item
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/StructElem"
    ]


def test_the_pdf_is_tagged_in_swedish_with_a_title_that_readers_show(case: Golden) -> None:
    with case.open() as pdf:
        assert str(pdf.Root.Lang) == "sv"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert case.report.title in str(pdf.docinfo["/Title"])
        metadata = pdf.Root.Metadata.read_bytes()
    assert b'pdfuaid:part="1"' in metadata
    assert b'pdfaid:part="3"' in metadata
    assert b'pdfaid:conformance="A"' in metadata


def test_the_released_table_lies_in_the_pdf_as_its_data_with_the_day_of_the_release(case: Golden) -> None:
    with case.open() as pdf:
        (name,) = pdf.attachments
        (listed,) = pdf.Root.AF
        file = pdf.attachments[name].get_file()
        assert (listed.AFRelationship, file.mime_type) == ("/Data", "text/csv")
        assert file.creation_date.date() == file.mod_date.date() == case.released.release.released_on
        assert (name, file.read_bytes()) == (case.table.file_name, case.table.content)


@pytest.mark.parametrize("name", ["typical", "hidden"])
def test_every_cell_of_the_table_in_the_pdf_is_the_released_one(one_case: GoldenCase, name: str) -> None:
    found = one_case(name)
    with found.open() as pdf:
        content = pdf.attachments[found.table.file_name].get_file().read_bytes()
    rows = list(csv.DictReader(StringIO(content.decode())))
    released = found.released.estimates
    made = golden.by_measure(released[released["wave"] == found.released.wave.code].to_dict("records"))
    assert len(rows) == len(made)
    for row, source in zip(rows, made, strict=True):
        assert all(row[key] == source[key] for key in tables.KEYS)
        for column, figure in (
            ("percent", "estimate"),
            ("percent_lower", "lower"),
            ("percent_upper", "upper"),
        ):
            assert row[column] == (str(whole_percent(source[figure])) if source["released"] else "")
        assert row["n"] == (str(int(source["n"])) if source["released"] else "")
        assert (row["released"], row["reason"]) == (str(source["released"]), source["reason"])


def test_every_chart_has_a_text_and_every_header_a_scope(case: Golden) -> None:
    with case.open() as pdf:
        found = elements(pdf)
        figures = [element for element in found if element.S == "/Figure"]
        headers = [element for element in found if element.S == "/TH"]
        assert figures
        assert headers
        assert all(0 < len(str(figure.Alt)) <= 300 for figure in figures)
        assert all(header.A.Scope in ("/Row", "/Column") for header in headers)


def test_maps_are_of_measures_worse_in_some_area_and_every_number_on_them_has_its_name(
    one_case: GoldenCase,
) -> None:
    report = one_case("typical").report
    worse = {one.id: sum(area.standing.tone == "worse" for area in one.areas) for one in report.indicators}
    page = compose(report)
    drawn = re.findall(r'class="map-drawing"[^>]*aria-labelledby="karta-(\w+)-t', page)
    assert [worse[id_] for id_ in drawn] == [n for n in sorted(worse.values(), reverse=True) if n][:2] != []
    named = page.split('id="areas-figures"')[1]
    assert all(f">{n} {area.label}<" in named for n, area in enumerate(report.headlines[0].areas, start=1))
    without = compose(replace(report, borders=dict(list(report.borders.items())[1:])))
    assert "map-drawing" not in without
    assert "Numret före namnet" not in without


def test_headings_never_skip_a_level(case: Golden) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", compose(case.report))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_each_section_is_a_bookmark_and_an_entry_of_the_contents(case: Golden) -> None:
    with case.open() as pdf, pdf.open_outline() as outline:
        titles = [str(item.title) for item in outline.root]
    headings = re.findall(r"<h2[^>]*>([^<]+)</h2>", compose(case.report))
    assert titles == headings
    contents = case.pages[3 if case.report.previous else 2]
    assert all(heading in contents for heading in headings)


def test_only_our_fonts_are_used_and_all_are_embedded(case: Golden) -> None:
    with case.open() as pdf:
        descriptors = [
            item
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        ]
        assert descriptors
        for descriptor in descriptors:
            assert "Inter" in str(descriptor.FontName)
            assert any(key in descriptor for key in ("/FontFile2", "/FontFile3"))


def test_the_same_report_gives_the_same_bytes_in_another_process(one_case: GoldenCase) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import golden, hashlib;"
        "from survey.publication.payload import build_payload;"
        "from survey.publication.report.rendering import render;"
        "from survey.publication.downloads.tables import released_table;"
        "made = golden.CASES['first']();"
        "pdf = render(build_payload(made), released_table(made));"
        "print(hashlib.sha256(pdf).hexdigest(), b'/EmbeddedFile' in pdf)"
    )
    folder = str(Path(golden.__file__).parent)
    there = subprocess.run(
        [sys.executable, "-c", code, folder],
        env={"PYTHONHASHSEED": "1", "PATH": "/usr/bin:/bin"},
        cwd=Path(golden.__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    here = hashlib.sha256(one_case("first").pdf).hexdigest()
    assert there.split() == [here, "True"]


def test_a_hostile_name_is_text_and_nothing_else() -> None:
    name = (
        '<script>x</script><link rel="attachment" href="file:///etc/passwd"/> & "Nacka" \x08\u202e{{ 7*7 }}'
    )
    released = golden.release(areas=2, judge=None)
    named = replace(released, place=replace(released.place, name=name))
    pdf = render(build_payload(named), tables.released_table(named))
    with pikepdf.open(BytesIO(pdf)) as opened:
        title = str(opened.docinfo["/Title"])
        assert list(opened.attachments) == [
            "2019-0182-script-x-script-link-rel-attachment-href-file-etc-passwd-nac.csv"
        ]
    assert "<script>" in title
    assert "{{ 7*7 }}" in title
    assert "\u202e" not in title


def test_a_character_that_no_font_has_is_shown_as_a_box() -> None:
    released = golden.release(areas=2, judge=None)
    report = build_payload(replace(released, place=replace(released.place, name="Näcka 漢")))
    assert "Näcka ■" in compose(report)
    assert "漢" not in compose(report)


@pytest.mark.parametrize("name", ["typical", "hidden"])
def test_an_accessibility_checker_finds_no_error(one_case: GoldenCase, name: str, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(one_case(name).pdf)
    checker = Path(sys.executable).with_name("outloud")
    run = subprocess.run([checker, file], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "0 error(s)" in run.stdout


def test_a_report_stays_light(case: Golden) -> None:
    assert len(case.pdf) < 250_000


def test_no_structure_element_stands_between_a_cell_and_its_text(one_case: GoldenCase) -> None:
    """Half of all elements would; each marked content still belongs to the one that holds it."""
    with one_case("typical").open() as pdf:
        every = [element for element in elements(pdf) if element.S == "/TD"]
        cells = [cell for cell in every if all(isinstance(kid, int) for kid in cell.K)]
        assert (
            len(cells) == len(every) - 1
        )  # where the reading of the report is explained, with coloured words
        tree = pdf.Root.StructTreeRoot.ParentTree.Nums
        of_page = {page.objgen: tree[2 * int(page.StructParents) + 1] for page in pdf.pages}
        for cell in cells:
            for kid in cell.K:
                assert of_page[cell.Pg.objgen][kid].objgen == cell.objgen
