"""What the PX file format asks of the keywords that we write (Statistics Sweden, axis version 2013).

Written by reading the description of the format: which keywords must be there, the order it recommends, how
long a text may be, and which texts may go on in a new pair of quotation marks on the next line.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from math import prod

# UNITS stands twice: once for the table, and once for each content. PxWeb adds VARIABLECODE.
ORDER = [
    *(
        "CHARSET",
        "AXIS-VERSION",
        "CODEPAGE",
        "LANGUAGE",
        "CREATION-DATE",
        "DECIMALS",
        "SHOWDECIMALS",
        "MATRIX",
    ),
    *("AGGREGALLOWED", "SUBJECT-CODE", "SUBJECT-AREA", "COPYRIGHT", "TITLE", "CONTENTS", "UNITS", "STUB"),
    *("HEADING", "CONTVARIABLE", "VARIABLECODE", "VALUES", "TIMEVAL", "CODES", "ELIMINATION", "PRECISION"),
    *("LAST-UPDATED", "UNITS()", "SOURCE", "NOTEX", "NOTE"),
    *(f"DATASYMBOL{dots}" for dots in range(1, 7)),
]
OPTIONAL = {"TIMEVAL", "ELIMINATION", "PRECISION", "NOTEX", *ORDER[-6:]}
FREE = {"TITLE", "SOURCE", "NOTE", "NOTEX"}  # may be broken anywhere; others after a comma
SHORT = {"MATRIX", "SUBJECT-CODE", "CODEPAGE", "CHARSET"}
LINE, WORD = 256, 20
UNQUOTED = {
    "DECIMALS": r"\d|1[0-5]",
    "SHOWDECIMALS": "[0-6]",
    "PRECISION": "[1-6]",
    "AGGREGALLOWED": "YES|NO",
    "COPYRIGHT": "YES|NO",
    "TIMEVAL": r'TLIST\(A1\)(,"\d{4}")+',
}
MINUTE = r"\d{8} \d\d:\d\d"
FORMS = {"CREATION-DATE": MINUTE, "LAST-UPDATED": MINUTE, "MATRIX": "[A-Za-z0-9]+", "CHARSET": "ANSI"}
STATEMENT = re.compile(r'([A-Z0-9-]+)(?:\(((?:"[^"]*",?)+)\))?=((?:[^";]|"[^"]*")*);\s*')
STRING = re.compile(r'"([^"]*)"')
Statement = tuple[str, str, str]


def px_faults(content: bytes) -> Iterator[str]:
    """Where a file departs from the description of the format."""
    head, data = _text(content).split("DATA=\r\n")
    statements: list[Statement] = STATEMENT.findall(head)
    if STATEMENT.sub("", head):
        yield f"no keyword: {STATEMENT.sub('', head)[:40]}"
    yield from _order([f"{word}()" if word == "UNITS" and of else word for word, of, _ in statements])
    for word, of, value in statements:
        yield from _value(word, f"{word}({of})", value)
    yield from (f"a line is too long: {line}" for line in head.split("\r\n") if len(line) > LINE)
    yield from _table({(word, of.strip('"')): value for word, of, value in statements}, data)


def spoilt(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The file with two neighbouring keywords swapped, once for every pair that differs."""
    head, data = content.decode("windows-1252").split("DATA=\r\n")
    whole = [(found[0], found[1]) for found in STATEMENT.finditer(head)]
    for at, ((one, first), (two, second)) in enumerate(pairwise(whole)):
        if first != second:
            texts = [*(text for text, _ in whole[:at]), two, one, *(text for text, _ in whole[at + 2 :])]
            yield f"{first} {second}", f"{''.join(texts)}DATA=\r\n{data}".encode("windows-1252")


def _text(content: bytes) -> str:
    codepage = re.search(rb'CODEPAGE="([^"]+)"', content)
    return content.decode(codepage[1].decode()) if codepage else content.decode("latin-1")


def _order(words: list[str]) -> Iterator[str]:
    yield from (f"{word} is no keyword that we write" for word in words if word not in ORDER)
    known = [word for word in words if word in ORDER]
    if known != sorted(known, key=ORDER.index):
        yield f"the keywords stand in another order than the recommended one: {known}"
    yield from (f"{word} is missing" for word in ORDER if word not in words and word not in OPTIONAL)


def _value(word: str, place: str, value: str) -> Iterator[str]:
    if word in UNQUOTED:
        if not re.fullmatch(UNQUOTED[word], value):
            yield f"{place} may not be {value}"
        years = [int(year) for year in STRING.findall(value)]
        if years and years != [*range(years[0], years[0] + len(years))]:
            yield f"{place}: the years are not consecutive: {years}"
        return
    if word not in FREE and re.search(r'"\s+"', value):
        yield f"{place} is broken inside a text"
    for text in STRING.findall(value):
        if len(text) > (WORD if word in SHORT else LINE):
            yield f"{place} is too long: {text}"
        if not re.fullmatch(FORMS.get(word, ".+"), text):
            yield f"{place} may not be {text!r}"


def _table(values: dict[tuple[str, str], str], data: str) -> Iterator[str]:
    variables = STRING.findall(values["STUB", ""]) + STRING.findall(values["HEADING", ""])
    names = {one: STRING.findall(values.get(("VALUES", one), "")) for one in variables}
    for one, found in names.items():
        codes = STRING.findall(values.get(("CODES", one), ""))
        if not len(set(found)) == len(found) == len(set(codes)) == len(codes) > 0:
            yield f"{one} does not have a name and a code for each of its values"
        out = STRING.findall(values.get(("ELIMINATION", one), ""))
        yield from (f"{one} has no value {name}" for name in out if name not in found)
    (contents,) = STRING.findall(values["CONTVARIABLE", ""])
    yield from (f"{one} has no unit" for one in names.get(contents, []) if ("UNITS", one) not in values)
    rows = data.removesuffix(";\r\n").split("\r\n")
    cells = [cell for row in rows for cell in re.findall(r'"[^"]*"|[^\s"]+', row)]
    if len(cells) != prod(map(len, names.values())):
        yield f"{len(cells)} cells are not what the variables span"
    yield from (f"{cell} is no cell" for cell in cells if not re.fullmatch(r'-?\d+(\.\d+)?|"\.{1,6}"', cell))
    if not all(row.endswith(" ") for row in rows):
        yield "a cell at the end of a line does not end with a blank"
