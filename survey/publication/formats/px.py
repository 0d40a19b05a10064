"""A cube as a PX file that PxWeb opens (PX file format, Statistics Sweden, axis version 2013).

The keywords stand in the order that the description of the format recommends.
The cells are written out in full: stub by row, contents by column. A combination that nobody was asked about
is ".", a hidden figure one of "..", "..." and so on, each with its reason in the file.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from survey.notice import NOTICE
from survey.publication import wording
from survey.publication.formats.cube import Cell, Cube, Dimension, distinct
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
    yield _line("CHARSET", "ANSI")
    yield _line("AXIS-VERSION", "2013")
    yield _line("CODEPAGE", codepage)
    yield _line("LANGUAGE", "sv")
    yield _line("CREATION-DATE", f"{cube.updated.replace('-', '')} 00:00")
    yield f"DECIMALS={DECIMALS};"
    yield "SHOWDECIMALS=0;"
    yield _line("MATRIX", f"TRYGG{''.join(letter for letter in newest.code if letter.isalnum())}"[:20])
    yield "AGGREGALLOWED=NO;"
    yield _line("SUBJECT-CODE", "TR")
    yield _line("SUBJECT-AREA", "Trygghet")
    yield "COPYRIGHT=NO;"
    yield _line("TITLE", cube.title)
    yield _line("CONTENTS", "Trygghetsmätning")
    yield _line("UNITS", "se tabellinnehåll")
    yield _names("STUB", [one.label for one in cube.dimensions])
    yield _line("HEADING", CONTENTS)
    yield _line("CONTVARIABLE", CONTENTS)
    yield from _variables(cube)
    yield from _contents(cube)
    yield _line("SOURCE", SOURCE)
    if cube.synthetic:
        yield _line("NOTEX", NOTICE)
    yield from _explained(symbols)


def _variables(cube: Cube) -> Iterator[str]:
    names = {one.label: _values(one) for one in cube.dimensions}
    yield from (_line("VARIABLECODE", one.code, of=one.label) for one in cube.dimensions)
    yield _line("VARIABLECODE", "ContentsCode", of=CONTENTS)
    yield from (_names("VALUES", [*values.values()], of=label) for label, values in names.items())
    yield _names("VALUES", [one.label for one in cube.contents], of=CONTENTS)
    yield from (_years(one) for one in cube.dimensions if one.code == "wave" and _consecutive(one))
    yield from (_names("CODES", [*values], of=label) for label, values in names.items())
    yield _names("CODES", [one.code for one in cube.contents], of=CONTENTS)
    for one in cube.dimensions:
        if one.total in one.categories:
            yield _line("ELIMINATION", names[one.label][one.total], of=one.label)


def _values(one: Dimension) -> dict[str, str]:
    """The names of a variable's values: each in one piece, and each its own also without quotation marks."""
    plain = {code: _plain(label) for code, label in one.categories.items()}
    return distinct(
        {code: text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for code, text in plain.items()}
    )


def _consecutive(one: Dimension) -> bool:
    """A time series is of years without gaps, or readers that count on it move figures to the wrong year."""
    if not all(code.isdigit() and len(code) == 4 for code in one.categories):
        return False
    years = [int(code) for code in one.categories]
    return years == [*range(years[0], years[0] + len(years))]


def _years(one: Dimension) -> str:
    return f"TIMEVAL({_quoted(one.label)})=TLIST(A1),{','.join(map(_quoted, one.categories))};"


def _contents(cube: Cube) -> Iterator[str]:
    for content in cube.contents:
        if content.decimals:
            yield f"PRECISION({_quoted(CONTENTS)},{_quoted(content.label)})={content.decimals};"
    for content in cube.contents:
        yield _line("LAST-UPDATED", f"{cube.updated.replace('-', '')} 00:00", of=content.label)
    for content in cube.contents:
        yield _line("UNITS", content.unit, of=content.label)


def _explained(symbols: dict[str, str]) -> Iterator[str]:
    """What the dots stand for, in words, and that they are shown as the dots they are."""
    told = [f". = {ABSENT}"]
    for dots in dict.fromkeys(symbols.values()):
        reasons = [wording.reason(code) if code else UNKNOWN for code, its in symbols.items() if its == dots]
        told.append(f"{dots} = {', eller '.join(dict.fromkeys(reasons))}")
    yield _line("NOTE", "#".join(told))
    for dots in dict.fromkeys((".", *symbols.values())):
        yield _line(f"DATASYMBOL{len(dots)}", dots)


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


def _line(keyword: str, text: str, of: str = "") -> str:
    return f"{_keyword(keyword, of)}={_pieces(text)};"


def _names(keyword: str, names: Sequence[str], of: str = "") -> str:
    """Names go on a line each: the format breaks a list after a comma, never inside a name."""
    listed = ",\r\n".join(map(_quoted, names))
    return f"{_keyword(keyword, of)}={listed};"


def _keyword(keyword: str, of: str) -> str:
    return f"{keyword}({_quoted(of)})" if of else keyword


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
