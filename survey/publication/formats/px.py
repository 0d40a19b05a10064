"""A cube as a PX file that PxWeb opens (PX file format, Statistics Sweden, axis version 2013).

The cells are written out in full: stub by row, contents by column. A combination that nobody was asked about
is ".", a hidden figure one of "..", "..." and so on, each with its reason in the file.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from survey.notice import NOTICE
from survey.publication import wording
from survey.publication.formats.cube import Cell, Cube
from survey.publication.formats.jsonstat import SOURCE

CONTENTS = "tabellinnehåll"
ABSENT = "ingår inte"
UNKNOWN = "ingen andel, eller kan inte räknas"
LONGEST = 200  # characters of a quoted string on a line; the format allows 256 with what stands before it
MOST_SYMBOLS = 6
DECIMALS = 15
WINDOWS, UNICODE = "windows-1252", "utf-8"


def as_px(cube: Cube) -> bytes:
    """In the code page that every reader of PX knows, and in UTF-8 for a name that it has no letters for."""
    symbols = _symbols(cube)
    data = "\r\n".join(_data(cube, symbols))
    for codepage in (WINDOWS, UNICODE):
        head = "\r\n".join(_keywords(cube, symbols, codepage))
        text = f"{head}\r\nDATA=\r\n{data};\r\n"
        try:
            return text.encode(codepage)
        except UnicodeEncodeError:
            continue
    raise AssertionError("UTF-8 has every letter")


def _symbols(cube: Cube) -> dict[str, str]:
    """Dots for every reason that hides a figure; reasons beyond the six that PX has share the last."""
    hidden = {cell.reason for cell in cube.cells.values() if None in cell.figures}
    known = [*wording.REASONS, ""]
    ordered = [reason for reason in known if reason in hidden] + sorted(hidden - set(known))
    return {reason: "." * min(place, MOST_SYMBOLS) for place, reason in enumerate(ordered, start=2)}


def _keywords(cube: Cube, symbols: dict[str, str], codepage: str) -> Iterator[str]:
    newest = cube.releases[0]
    stub = [one.label for one in cube.dimensions]
    yield _line("CHARSET", "ANSI")
    yield _line("AXIS-VERSION", "2013")
    yield _line("CODEPAGE", codepage)
    yield _line("LANGUAGE", "sv")
    yield _line("CREATION-DATE", f"{cube.updated.replace('-', '')} 00:00")
    yield f"DECIMALS={DECIMALS};"
    yield "SHOWDECIMALS=0;"
    yield _line("MATRIX", f"TRYGG{''.join(letter for letter in newest.code if letter.isalnum())}"[:20])
    yield "AGGREGALLOWED=NO;"
    yield "COPYRIGHT=NO;"
    yield _line("SUBJECT-CODE", "TR")
    yield _line("SUBJECT-AREA", "Trygghet")
    yield _line("TITLE", cube.title)
    yield _line("CONTENTS", "Trygghetsmätning")
    yield _line("UNITS", "se tabellinnehåll")
    yield _line("STUB", *stub)
    yield _line("HEADING", CONTENTS)
    yield _line("CONTVARIABLE", CONTENTS)
    yield from _variables(cube)
    for content in cube.contents:
        yield _line("LAST-UPDATED", f"{cube.updated.replace('-', '')} 00:00", of=content.label)
        yield _line("UNITS", content.unit, of=content.label)
        if content.decimals:
            yield f"PRECISION({_quoted(CONTENTS)},{_quoted(content.label)})={content.decimals};"
    yield _line("SOURCE", SOURCE)
    yield from _explained(symbols)
    if cube.synthetic:
        yield _line("NOTEX", NOTICE)


def _variables(cube: Cube) -> Iterator[str]:
    for one in cube.dimensions:
        yield _line("VARIABLECODE", one.code, of=one.label)
        yield _line("VALUES", *one.categories.values(), of=one.label)
        if one.code == "wave" and all(code.isdigit() and len(code) == 4 for code in one.categories):
            years = ",".join(_quoted(code) for code in one.categories)
            yield f"TIMEVAL({_quoted(one.label)})=TLIST(A1),{years};"
        yield _line("CODES", *one.categories, of=one.label)
        if one.total in one.categories:
            yield _line("ELIMINATION", one.categories[one.total], of=one.label)
    yield _line("VARIABLECODE", "ContentsCode", of=CONTENTS)
    yield _line("VALUES", *(one.label for one in cube.contents), of=CONTENTS)
    yield _line("CODES", *(one.code for one in cube.contents), of=CONTENTS)


def _explained(symbols: dict[str, str]) -> Iterator[str]:
    yield _line("DATASYMBOL1", ".")
    told = [f". = {ABSENT}"]
    for dots in dict.fromkeys(symbols.values()):
        reasons = [wording.reason(code) if code else UNKNOWN for code, its in symbols.items() if its == dots]
        yield _line(f"DATASYMBOL{len(dots)}", dots)
        told.append(f"{dots} = {', eller '.join(dict.fromkeys(reasons))}")
    yield _line("NOTE", "#".join(told))


def _data(cube: Cube, symbols: dict[str, str]) -> Iterator[str]:
    nothing = " ".join('"."' for _ in cube.contents)
    for position in product(*map(range, cube.size)):
        cell = cube.cells.get(position)
        # Each cell ends with a blank, the last one of a line too.
        yield f"{nothing} " if cell is None else f"{' '.join(_figures(cell, symbols))} "


def _figures(cell: Cell, symbols: dict[str, str]) -> Iterator[str]:
    for figure in cell.figures:
        if figure is None:
            yield _quoted(symbols[cell.reason])
        else:
            yield _number(figure)


def _number(figure: float) -> str:
    if isinstance(figure, int):
        return str(figure)
    return f"{figure:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _line(keyword: str, *values: str, of: str = "") -> str:
    name = f"{keyword}({_quoted(of)})" if of else keyword
    return f"{name}={_listed(values)};"


def _listed(values: Sequence[str]) -> str:
    return ",\r\n".join(_pieces(value) for value in values)


def _pieces(text: str) -> str:
    """A long string goes on in a new pair of quotes on the next line."""
    plain = _plain(text)
    parts = [plain[start : start + LONGEST] for start in range(0, len(plain), LONGEST)] or [""]
    return "\r\n".join(f'"{part}"' for part in parts)


def _quoted(text: str) -> str:
    return f'"{_plain(text)}"'


def _plain(text: str) -> str:
    """On one line, and with single marks: the format has no way to write a quotation mark inside a string."""
    return " ".join(text.replace('"', "'").split())
