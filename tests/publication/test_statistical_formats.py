"""Statistical files say what the release says, cell by cell, to readers of their own."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import product
from math import isclose
from typing import Any
from xml.etree import ElementTree

import golden
import pandas as pd
import pyarrow.dataset
import pytest
from codebook_schema import faults
from released_wave import open_to_all
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT, store_release

from survey.database import Databases
from survey.models.municipality import Municipality
from survey.notice import NOTICE
from survey.publication import releases, results
from survey.publication.embargo import SERVICE
from survey.publication.extracts import Viewer, read_extract, viewer_of
from survey.publication.formats import cube as cubes
from survey.publication.formats import files
from survey.publication.releases import NotReleased

VIEWER = Viewer(SERVICE)
DDI = "{ddi:codebook:2_5}"
Cells = dict[tuple[str, ...], float | None]
STRING = re.compile(r'"([^"]*)"')
KEYWORD = re.compile(r'([A-Z0-9-]+)(?:\[\w+\])?(?:\(((?:"[^"]*",?)+)\))?=((?:[^";]|"[^"]*")*);', re.DOTALL)


@pytest.fixture
def stored(sqlite_databases: Databases) -> Iterator[Session]:
    with Session(sqlite_databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as session:
        made_up = golden.release(synthetic=True, areas=2)
        more = made_up.estimates.head(2).assign(gender=["other", "undisclosed"])
        score = made_up.estimates.head(1).assign(indicator="problem_index", statistic="mean", estimate=41.5)
        tables = replace(made_up, estimates=pd.concat([made_up.estimates, more, score]))
        store_release(session, tables, released_at=RELEASED_AT)
        yield session
        session.rollback()


def released(session: Session) -> Cells:
    """Every released figure by the codes of its cell and its name."""
    release = releases.find_release(session, "2019", SERVICE)
    table = results.read_table(session, results.Estimate, release.id)
    table = table[table["wave"].eq("2019")]
    table["measure"] = table["indicator"].where(
        table["statistic"].eq("proportion"), table["indicator"] + ".mean"
    )
    names = ("n", "population", "estimate", "se", "df", "n_eff", "lower", "upper")
    return {
        (*(str(row[key]) for key in ("wave", "code", "gender", "age_group", "measure")), name): None
        if pd.isna(row[name])
        else float(row[name])
        for row in table.to_dict("records")
        for name in names
    }


def same(found: Cells, expected: Cells) -> None:
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        given = found[key]
        assert (given is None) == (value is None), key
        assert value is None or (given is not None and isclose(given, value, rel_tol=1e-12, abs_tol=1e-15)), (
            key
        )


def read_json_stat(content: bytes) -> tuple[Cells, dict[str, Any]]:
    """By the specification: the place of a value is its row-major index."""
    told = json.loads(content)
    assert (told["version"], told["class"]) == ("2.0", "dataset")
    axes = []
    for name, size in zip(told["id"], told["size"], strict=True):
        index = told["dimension"][name]["category"]["index"]
        codes = index if isinstance(index, list) else sorted(index, key=index.get)
        assert len(codes) == size
        assert set(told["dimension"][name]["category"]["label"]) == set(codes)
        axes.append(codes)
    values = told["value"]
    given = values if isinstance(values, dict) else {str(at): value for at, value in enumerate(values)}
    return {key: given[str(at)] for at, key in enumerate(product(*axes)) if str(at) in given}, told


def read_px(content: bytes) -> tuple[Cells, dict[tuple[str, str], list[str]], dict[tuple[str, ...], str]]:
    """Figures by codes, the keywords, and the symbols of cells without a figure."""
    codepage = re.search(rb'CODEPAGE="([^"]+)"', content)
    text = content.decode(codepage[1].decode() if codepage else "latin-1")
    head, data = re.split(r"(?<=;)\s*DATA=", text, maxsplit=1)
    keywords = {}
    for keyword, of, value in KEYWORD.findall(head):
        joined = re.sub(r'"\s*\r?\n\s*"', "", value)
        keywords.setdefault((keyword, of.strip('"')), STRING.findall(joined) or [value.strip()])
    variables = [*keywords.get(("STUB", ""), []), *keywords.get(("HEADING", ""), [])]
    axes = [keywords.get(("CODES", one)) or keywords["VALUES", one] for one in variables]
    tokens = re.findall(r'"[^"]*"|[^\s"]+', data.rstrip().rstrip(";"))
    places = [*product(*axes)]
    assert len(tokens) == len(places)
    symbols = {key: token.strip('"') for key, token in zip(places, tokens, strict=True) if token[0] == '"'}
    figures = {key: float(token) for key, token in zip(places, tokens, strict=True) if token[0] != '"'}
    return {**figures, **{key: None for key, dots in symbols.items() if dots != "."}}, keywords, symbols


def test_json_stat_holds_every_released_figure_and_the_reason_of_every_hidden_one(stored: Session) -> None:
    download = files.write_file(stored, VIEWER, {"wave": ["2019"]}, "json-stat")
    found, told = read_json_stat(download.content)
    same(found, released(stored))
    assert told["role"] == {"time": ["wave"], "geo": ["place"], "metric": ["content"]}
    assert told["note"] == [NOTICE]
    assert "SIMULERADE-SVAR" in download.file_name
    assert told["dimension"]["gender"]["category"]["label"]["other"] == "annat kön"
    hidden = {at for at, value in told["value"].items() if value is None}
    assert hidden
    assert hidden <= told["status"].keys()
    assert set(told["status"].values()) == set(told["extension"]["status"]["label"])


def test_px_holds_every_released_figure_and_tells_hidden_from_absent(stored: Session) -> None:
    download = files.write_file(stored, VIEWER, {"wave": ["2019"]}, "px")
    found, keywords, symbols = read_px(download.content)
    same(found, released(stored))
    assert all(
        len(line) <= 256 for line in download.content.decode("windows-1252").split("DATA=")[0].splitlines()
    )
    names = {keyword for keyword, _ in keywords}
    mandatory = (
        "CHARSET AXIS-VERSION CODEPAGE LANGUAGE CREATION-DATE DECIMALS MATRIX SUBJECT-CODE SUBJECT-AREA"
    )
    mandatory += (
        " TITLE CONTENTS UNITS STUB HEADING VALUES CODES CONTVARIABLE TIMEVAL ELIMINATION SOURCE NOTEX"
    )
    assert set(mandatory.split()) <= names
    for (keyword, of), values in keywords.items():
        if keyword in ("VALUES", "CODES"):
            assert len(set(values)) == len(values) == len(keywords["VALUES", of]), of
        if keyword == "ELIMINATION":
            assert set(values) <= set(keywords["VALUES", of])
    assert keywords["PRECISION", 'tabellinnehåll","Skattning'] == ["4"]
    explained = keywords["NOTE", ""][0]
    assert set(symbols.values()) >= {".."}
    assert all(f"{dots} = " in explained for dots in symbols.values())


def test_px_keeps_to_what_pxweb_asks(stored: Session) -> None:
    """By Statistics Sweden's description of the format, axis version 2013: words, sizes and forms."""
    content = files.write_file(stored, VIEWER, {"wave": ["2019"]}, "px").content
    _, keywords, _ = read_px(content)
    one = {keyword: values for (keyword, of), values in keywords.items() if not of}
    lines = content.decode("windows-1252").split("\r\n")
    assert lines[:2] == ['CHARSET="ANSI";', 'AXIS-VERSION="2013";']
    assert "\n" not in "".join(lines)
    assert all(len(line) <= 256 for line in lines)
    variables = [*one["STUB"], *one["HEADING"]]
    assert one["CONTVARIABLE"][0] in variables
    longest = {
        "MATRIX": 20,
        "SUBJECT-CODE": 20,
        "SUBJECT-AREA": 256,
        "TITLE": 256,
        "CONTENTS": 256,
        "UNITS": 256,
    }
    for word, size in longest.items():
        assert 1 <= len(one[word][0]) <= size, word
    assert re.fullmatch(r"[A-Za-z0-9]+", one["MATRIX"][0])  # it becomes the name of a file
    assert re.fullmatch(r"\d{8} \d\d:\d\d", one["CREATION-DATE"][0])
    assert 0 <= int(one["SHOWDECIMALS"][0]) <= 6
    assert 0 <= int(one["DECIMALS"][0]) <= 15
    (years,) = [line for line in lines if line.startswith("TIMEVAL")]
    assert years == 'TIMEVAL("mätning")=TLIST(A1),"2019";'
    for name in variables:
        assert {"VALUES", "CODES"} <= {word for word, of in keywords if of == name}
    for content_value in keywords["VALUES", one["CONTVARIABLE"][0]]:
        assert ("UNITS", content_value) in keywords
        assert re.fullmatch(r"\d{8} \d\d:\d\d", keywords["LAST-UPDATED", content_value][0])
    for (word, of), (first, *_) in keywords.items():
        if word == "PRECISION":
            assert of.split('","')[1] in keywords["VALUES", one["CONTVARIABLE"][0]]
            assert 1 <= int(first) <= 6
    start = lines.index("DATA=")
    assert all(
        line.endswith(" ") for line in lines[start + 1 : -2]
    )  # a cell ends with a blank, the last of a line too
    assert lines[-2].endswith(";")
    assert lines[-1] == ""


def test_parquet_holds_the_rows_with_their_types(stored: Session) -> None:
    extract = read_extract(stored, VIEWER, "estimates", {})
    content = files.write_file(stored, VIEWER, {}, "parquet").content
    source = pyarrow.BufferReader(content)
    table = pyarrow.dataset.FileFormat.make_fragment(pyarrow.dataset.ParquetFileFormat(), source).to_table()
    assert [tuple(row.values()) for row in table.to_pylist()] == list(extract.rows)
    assert table.schema.field("n").type == pyarrow.int64()
    assert table.schema.metadata[b"notice"].decode() == NOTICE
    assert list(pd.read_parquet(BytesIO(content)).columns) == list(extract.columns)


def test_the_codebook_names_every_column_place_and_measure_of_the_tables(stored: Session) -> None:
    viewers = (VIEWER, viewer_of("public", None, RELEASED_AT), viewer_of("municipality", "0182", RELEASED_AT))
    release_id = releases.find_release(stored, "2019", SERVICE).id
    open_to_all(stored, release_id, RELEASED_AT)
    drawn = "Stratifierat obundet slumpmässigt urval: 6 av 18 personer i 2 delområden"
    for viewer in viewers:
        root = ElementTree.fromstring(files.write_file(stored, viewer, {"wave": ["2019"]}, "ddi").content)
        assert root.tag == f"{DDI}codeBook"
        assert list(faults(root)) == []
        assert root.findtext(f".//{DDI}sampProc") == drawn
        assert root.find(f".//{DDI}collMode") is None  # nobody has told how they answered
        assert root.findtext(f".//{DDI}geogUnit") == "kommun och delområde"
        assert "jämfört med 2018" in str(root.findtext(f".//{DDI}timeMeth"))
        assert len(root.findall(f".//{DDI}weight")) == 3
        for table in ("estimates", "changes"):
            extract = read_extract(stored, viewer, table, {"wave": ["2019"]})
            variables = {one.get("name"): one for one in root.iter(f"{DDI}var") if one.get("files") == table}
            assert tuple(variables) == extract.columns
            size = root.find(f"{DDI}fileDscr[@ID='{table}']//{DDI}caseQnty")
            assert size is not None
            assert size.text == str(len(extract.rows))
            for name in ("code", "indicator", "gender", "statistic", "reason"):
                listed = {one.text for one in variables[name].iter(f"{DDI}catValu")}
                used = {row[extract.columns.index(name)] for row in extract.rows} - {""}
                assert used <= listed, name
        assert NOTICE in str(root.findtext(f".//{DDI}abstract"))
        assert (root.find(f".//{DDI}respRate") is None) == (viewer.municipalities is not None)


def test_a_cube_is_neither_empty_nor_boundless(stored: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotReleased, match="inga frisläppta tal"):
        files.write_file(stored, VIEWER, {"code": ["9999"]}, "px")
    monkeypatch.setattr(cubes, "MOST_CELLS", 10)
    with pytest.raises(cubes.TooManyCells, match="färre"):
        files.write_file(stored, VIEWER, {}, "json-stat")


def test_a_name_that_windows_has_no_letters_for_makes_the_file_unicode(stored: Session) -> None:
    place = stored.get_one(Municipality, "0182")
    place.name = 'Nahkka "\u0167"'
    _, keywords, _ = read_px(files.write_file(stored, VIEWER, {"code": ["0182"]}, "px").content)
    assert keywords["CODEPAGE", ""] == ["utf-8"]
    assert keywords["VALUES", "plats"] == ["Nahkka '\u0167'"]
