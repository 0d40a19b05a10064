"""A municipality's listing of its areas: a name and the parts that make it up, as the register calls them."""

import csv
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from survey.errors import Faults, UserError

MOST_AREAS = 99
LONGEST_NAME = 80
LARGEST_LISTING = 200 * 1024
HEADER = ("namn", "nycklar")
SEPARATORS = ';"\r\n'


@dataclass(frozen=True)
class ListedArea:
    """An area without a code yet."""

    name: str
    keys: tuple[str, ...]


def decode(content: bytes) -> str:
    """The text of a file as spreadsheet programs in Sweden save it."""
    if len(content) > LARGEST_LISTING:
        raise UserError(f"Filen är större än {LARGEST_LISTING // 1024} kB. Är det rätt fil?")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError("Filen är ingen text. Spara listan som CSV.")


def read_listing(text: str, municipality_code: str) -> tuple[ListedArea, ...]:
    """One line an area: its name, a semicolon, and its parts with blanks between."""
    listed = []
    for number, line in enumerate(text.splitlines(), start=1):
        fields = [field.strip() for field in next(csv.reader([line], delimiter=";"), [])]
        if not any(fields) or tuple(field.lower() for field in fields[:2]) == HEADER:
            continue
        listed.append(_listed(fields, number, municipality_code))
    if not 1 <= len(listed) <= MOST_AREAS:
        raise UserError(f"Listan har {len(listed)} delområden. Den ska ha 1–{MOST_AREAS}.")
    _require_once("Namnet", Counter(area.name.casefold() for area in listed))
    _require_once("Nyckeln", Counter(key for area in listed for key in area.keys))
    return tuple(listed)


def read_draft(text: str, municipality_code: str) -> tuple[ListedArea, ...]:
    """A listing that is not finished: there may be nothing in it yet."""
    return read_listing(text, municipality_code) if text.strip() else ()


def readable(text: str, municipality_code: str) -> tuple[ListedArea, ...]:
    """The same of a text that may be anything; nothing where it cannot be read."""
    try:
        return read_draft(text, municipality_code)
    except UserError:
        return ()


def with_area(
    listed: tuple[ListedArea, ...], name: str, keys: Sequence[str], municipality_code: str
) -> tuple[ListedArea, ...]:
    """A listing with one area more.

    Raises:
        Faults: it has no name or no parts, or the name is taken or cannot be written in a listing.
        UserError: the listing would break another rule.
    """
    if not name or set(name) & set(SEPARATORS):
        raise Faults({"name": "Skriv ett namn, utan semikolon och citattecken."})
    if name.casefold() in {area.name.casefold() for area in listed}:
        raise Faults({"name": f"{name} finns redan. Välj ett annat namn."})
    if not keys:
        raise Faults({"pieces": "Välj minst en del, i listan eller på kartan."})
    return read_listing(as_text((*listed, ListedArea(name, tuple(keys)))), municipality_code)


def as_text(listed: tuple[ListedArea, ...]) -> str:
    """The listing as it is read."""
    return "".join(f"{area.name};{' '.join(area.keys)}\n" for area in listed)


def _listed(fields: list[str], number: int, municipality_code: str) -> ListedArea:
    name = fields[0]
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise UserError(f"Rad {number}: delområdet ska ha ett namn med 1–{LONGEST_NAME} tecken.")
    keys = tuple(" ".join(fields[1:]).replace(",", " ").split())
    if not keys:
        raise UserError(f"Rad {number}: {name} saknar nycklar. Skriv dem efter namnet och ett semikolon.")
    wanted = re.compile(rf"{re.escape(municipality_code)}\w{{1,11}}", re.ASCII)
    for key in keys:
        if not wanted.fullmatch(key):
            raise UserError(
                f"Rad {number}: nyckeln {key[:30]!r} ska börja med kommunens kod, {municipality_code}, "
                f"och fortsätta med 1–11 siffror eller bokstäver, som {municipality_code}A0010."
            )
    return ListedArea(name, keys)


def _require_once(what: str, counted: Counter[str]) -> None:
    for value, times in counted.items():
        if times > 1:
            raise UserError(f"{what} {value!r} står {times} gånger. Det får bara stå en gång.")


def as_json(listed: tuple[ListedArea, ...]) -> str:
    """The listing as it is stored."""
    return json.dumps([[area.name, list(area.keys)] for area in listed], ensure_ascii=False)


def from_json(stored: str) -> tuple[ListedArea, ...]:
    return tuple(ListedArea(name, tuple(keys)) for name, keys in json.loads(stored))
