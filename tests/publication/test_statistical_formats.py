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
from codebook_schema import CHILDREN, faults, spoilt
from json_stat_format import json_stat_faults
from px_format import px_faults
from px_format import spoilt as px_spoilt
from released_wave import open_to_all
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT, store_release

from survey.database import Databases
from survey.models.municipality import Municipality
from survey.notice import NOTICE
from survey.publication import releases, results
from survey.publication.embargo import SERVICE
from survey.publication.extract_columns import column_types
from survey.publication.extracts import Viewer, read_extract, viewer_of
from survey.publication.formats import cube as cubes
from survey.publication.formats import files
from survey.publication.formats.px import as_px
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
    assert list(json_stat_faults(told)) == []
    wrong = {"size": [1], "role": {"time": ["year"]}, "value": {"-1": 1}, "updated": "1 feb", "notes": []}
    for part, content in wrong.items():
        assert list(json_stat_faults({**told, part: content})), part
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
    assert keywords["PRECISION", 'tabellinnehåll","Skattning'] == ["4"]
    explained = keywords["NOTE", ""][0]
    assert set(symbols.values()) >= {".."}
    assert all(f"{dots} = " in explained for dots in symbols.values())


def test_px_keeps_to_what_the_format_asks(stored: Session) -> None:
    content = files.write_file(stored, VIEWER, {"wave": ["2019"]}, "px").content
    assert list(px_faults(content)) == []
    lines = content.split(b"\r\n")
    assert lines[:2] == [b'CHARSET="ANSI";', b'AXIS-VERSION="2013";']
    assert b"\n" not in b"".join(lines)
    assert 'TIMEVAL("mätning")=TLIST(A1),"2019";'.encode("windows-1252") in lines
    # Keywords that change places are found, or the table of the format proves nothing.
    swapped = {pair: any("order" in fault for fault in px_faults(file)) for pair, file in px_spoilt(content)}
    assert len(swapped) > 20
    assert all(swapped.values()), swapped


def test_px_tells_gaps_in_time_and_keeps_names_whole_and_apart(stored: Session) -> None:
    cube = cubes.read_cube(stored, VIEWER, {"wave": ["2019"]})
    waves = {"2018": "Mätning 2018", "2021": "Mätning 2021"}
    places = {"a": "Lång " * 90, "b": 'Kvarteret "Ek"', "c": "Kvarteret 'Ek'"}
    dimensions = (cubes.Dimension("wave", "mätning", waves), cubes.Dimension("place", "plats", places, "a"))
    content = as_px(replace(cube, dimensions=dimensions, cells={}))
    assert list(px_faults(content)) == []
    assert b"TIMEVAL" not in content
    _, keywords, _ = read_px(content)
    assert keywords["VALUES", "plats"][1:] == ["Kvarteret 'Ek' (b)", "Kvarteret 'Ek' (c)"]
    assert keywords["VALUES", "plats"][0].startswith("Lång Lång ")


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
        assert root.findtext(f".//{DDI}geogUnit") == "delområde"
        assert root.findtext(f".//{DDI}geogCover") == "Nacka"
        assert "jämfört med 2018" in str(root.findtext(f".//{DDI}timeMeth"))
        assert len(root.findall(f".//{DDI}weight")) == 3
        for table in ("estimates", "changes"):
            extract = read_extract(stored, viewer, table, {"wave": ["2019"]})
            variables = {one.get("name"): one for one in root.iter(f"{DDI}var") if one.get("files") == table}
            assert tuple(variables) == extract.columns
            types = column_types(table)
            for name, one in variables.items():
                assert (one.get("intrvl") == "contin") == (types[name] is float), name
                assert (one.get("geog") == "Y") == (name in ("geography", "code")), name
            assert variables["wave"].get("temporal") == "Y"
            size = root.find(f"{DDI}fileDscr[@ID='{table}']//{DDI}caseQnty")
            assert size is not None
            assert size.text == str(len(extract.rows))
            for name in ("code", "indicator", "gender", "statistic", "reason"):
                listed = {one.text for one in variables[name].iter(f"{DDI}catValu")}
                used = {row[extract.columns.index(name)] for row in extract.rows} - {""}
                assert used <= listed, name
        assert NOTICE in str(root.findtext(f".//{DDI}abstract"))
        told = root.findtext(f".//{DDI}respRate")
        assert told == (None if viewer.municipalities else "50\N{NO-BREAK SPACE}% (5 av 10 tillfrågade)")
        (litter,) = root.findall(f".//{DDI}var[@ID='estimates.indicator']/{DDI}catgry[1]")
        assert litter.findtext(f"{DDI}labl") == "Skräp utomhus"
        assert "Bas: De som tog ställning" in str(litter.findtext(f"{DDI}txt"))
    # Neighbours that are swapped are found wherever they stand, or the table of the schema proves nothing.
    swapped = {name: " ".join(faults(root)) for name in spoilt(root)}
    assert all("wrong order" in said for said in swapped.values())
    parents = "codeBook stdyDscr citation titlStmt prodStmt stdyInfo sumDscr method dataColl fileTxt dimensns"
    assert {*parents.split(), "var", "catgry"} <= swapped.keys() <= CHILDREN.keys()
    assert list(faults(root)) == []


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
