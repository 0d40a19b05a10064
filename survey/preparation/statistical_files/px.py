"""Reads PX (PX file format, Statistics Sweden): keywords, then the cells with the stub outermost."""

import re
from collections.abc import Mapping, Sequence
from itertools import product

from survey.errors import UserError
from survey.preparation.statistical_files.table import (
    Cell,
    Dimension,
    StatisticalTable,
    figure,
    keys_in_order,
)
from survey.preparation.statistical_files.text import decode

_STATEMENT = re.compile(
    r'\s*(?P<keyword>[A-Z][A-Z0-9-]*)(?P<language>\[\w+\])?(?P<of>\((?:"[^"]*"|[\s,])*\))?\s*=(?P<value>.*)',
    re.DOTALL,
)
_PIECES = re.compile(r'"([^"]*)"|(,)')
_QUOTED = re.compile(r'"([^"]*)"')
_ENDS = re.compile(r'"[^"]*"|;')
_CODEPAGE = re.compile(rb'CODEPAGE\s*=\s*"([^"]{1,40})"')
_CELL = re.compile(r'"([^"]*)"|([^\s"]+)')
Keywords = dict[tuple[str, tuple[str, ...]], list[str]]


def looks_like_px(content: bytes) -> bool:
    return b"DATA=" in content and re.search(rb"^\s*(STUB|HEADING)\s*=", content, re.MULTILINE) is not None


def read_px(file: str, content: bytes) -> StatisticalTable:
    """The table of a PX file, in the file's own language."""
    stated = _CODEPAGE.search(content)
    text = decode(file, content, stated[1].decode("ascii", "replace") if stated else "cp1252")
    keywords, data = _statements(file, text)
    if any(keyword == "KEYS" for keyword, _ in keywords):
        raise UserError(
            f"Filen {file} är en PX-fil med bara en del av cellerna (KEYS). Spara den med alla celler. "
            "Inget har sparats."
        )
    names = keywords.get(("STUB", ()), []) + keywords.get(("HEADING", ()), [])
    if not names:
        raise UserError(f"Filen {file} är en PX-fil utan STUB och HEADING. Inget har sparats.")
    dimensions = tuple(_dimension(file, keywords, name) for name in names)
    return StatisticalTable(
        file=file,
        dimensions=dimensions,
        cells=_cells(file, dimensions, data),
        title=_first(keywords, "TITLE") or _first(keywords, "DESCRIPTION"),
        source=_first(keywords, "SOURCE"),
        unit=_first(keywords, "UNITS"),
        notes=tuple(
            value.replace("#", " ").strip()
            for (keyword, _), values in keywords.items()
            if keyword in ("NOTE", "NOTEX")
            for value in values
        ),
    )


def _statements(file: str, text: str) -> tuple[Keywords, str]:
    """The keywords up to the cells, and the cells as they stand."""
    keywords: Keywords = {}
    start = 0
    for found in _ENDS.finditer(text):
        if found[0] != ";":
            continue
        if text[start : found.start()].lstrip().startswith("DATA="):
            return keywords, text[text.index("DATA=", start) + 5 : found.start()]
        matched = _STATEMENT.fullmatch(text, start, found.start())
        if matched is None:
            raise UserError(
                f"{file}, rad {text.count(chr(10), 0, start) + 2}: går inte att läsa som PX. "
                "Inget har sparats."
            )
        if not matched["language"]:
            of = tuple(_QUOTED.findall(matched["of"] or ""))
            keywords[matched["keyword"], of] = _strings(matched["value"])
        start = found.end()
    if text[start:].lstrip().startswith("DATA="):  # some writers leave the last semicolon out
        return keywords, text[text.index("DATA=", start) + 5 :]
    raise UserError(
        f"Filen {file} är en PX-fil utan DATA, eller avbruten. Hämta den på nytt. Inget har sparats."
    )


def _strings(value: str) -> list[str]:
    """The strings of a list; pieces without a comma between are one string over several lines."""
    parts: list[str] = []
    fresh = True
    for found in _PIECES.finditer(re.sub(r"^\s*TLIST\([^)]*\)\s*,?", "", value)):
        if found[2]:
            fresh = True
        elif fresh:
            parts.append(found[1])
            fresh = False
        else:
            parts[-1] += found[1]
    return parts or [value.strip()]


def _first(keywords: Keywords, keyword: str) -> str:
    """What a keyword says of the table, or else of its first content."""
    return next((values[0] for (name, _), values in keywords.items() if name == keyword and values[0]), "")


def _dimension(file: str, keywords: Keywords, name: str) -> Dimension:
    labels = keywords.get(("VALUES", (name,)), [])
    codes = keywords.get(("CODES", (name,)), labels)
    if not codes or len(codes) != len(labels) or len(set(codes)) != len(codes):
        raise UserError(
            f"{file}: variabeln {name} har inte lika många koder som värden, eller samma kod två gånger. "
            "Inget har sparats."
        )
    eliminated = keywords.get(("ELIMINATION", (name,)), [""])[0]
    return Dimension(
        code=keywords.get(("VARIABLECODE", (name,)), [name])[0],
        label=name,
        categories=dict(zip(codes, labels, strict=True)),
        is_time=("TIMEVAL", (name,)) in keywords,
        total=dict(zip(labels, codes, strict=True)).get(eliminated),
    )


def _cells(file: str, dimensions: Sequence[Dimension], data: str) -> Mapping[tuple[str, ...], Cell]:
    found = [quoted or plain for quoted, plain in _CELL.findall(data)]
    keys_in_order(file, [len(one.categories) for one in dimensions], len(found))
    cells = {}
    keys = product(*(one.categories for one in dimensions))
    for number, (key, text) in enumerate(zip(keys, found, strict=True), start=1):
        cells[key] = figure(file, text, f"cell {number} efter DATA")
    return cells
