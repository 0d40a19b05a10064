"""Register files of every kind that is delivered, and those that somebody has made to do harm."""

import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from tiny_wave import Person, people
from workbooks import pack, parts, sheet, write_workbook

from survey.collection.register import RegisterFile
from survey.collection.register_layout import COLUMNS
from survey.errors import UserError
from survey.preparation import workbook_safety

NAMES = ["Åsa", "Örjan", "Zoë", "Łukasz"]


def persons(names: Sequence[str] = ("Åsa", "Örjan", "Zoë", "Björn")) -> list[Person]:
    return [{**row, "fornamn": name} for row, name in zip(people(), names, strict=False)]


def text(rows: Sequence[Person], separator: str = ";") -> str:
    lines = [separator.join(COLUMNS), *(separator.join(row[name] for name in COLUMNS) for row in rows)]
    return "\n".join(lines) + "\n"


def read(path: Path) -> tuple[list[Person], str]:
    file = RegisterFile(path)
    rows = [row for block in file.blocks("läser") for row in block.rows.to_pylist()]
    return rows, file.kind


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read(path)
    message = str(caught.value)
    assert "Inget har sparats" in message
    assert not any(secret in message for secret in ("Hemlig", "Förnamn", "Provgatan", "P0000"))
    assert caught.value.__cause__ is None
    return message


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("iso-8859-1", "Windows-1252 (ISO-8859-1)"),
        ("cp1252", "Windows-1252 (ISO-8859-1)"),
        ("utf-16", "UTF-16"),
    ],
)
def test_every_encoding_and_separator_gives_the_same_rows(
    tmp_path: Path, codec: str, told: str, separator: str
) -> None:
    path = tmp_path / "register"
    path.write_bytes(text(persons(), separator).encode(codec))
    rows, kind = read(path)
    assert rows == persons()
    assert kind.startswith(f"csv, {told}, ")


def test_letters_beyond_the_old_encodings_come_through_in_the_new(tmp_path: Path) -> None:
    path = tmp_path / "register"
    for codec in ("utf-8", "utf-16"):
        path.write_bytes(text(persons(NAMES)).encode(codec))
        assert [row["fornamn"] for row in read(path)[0]] == NAMES


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (text(persons()).encode("cp850"), "tecken på rad 2"),
        (text(persons(["Anna", "Hemlig\ufffdn"])).encode(), "förlorat tecken (�) på rad 3"),
        (text(persons(["Anna", "Hemlig\ufffdn"])).encode("utf-16"), "förlorat tecken (�) på rad 3"),
        (text(persons()).encode() + text(persons()).encode("cp1252"), "rad 2 är UTF-8 men inte rad 7"),
        (text(persons()).encode("utf-16") + b"\x00\xd8", "trasig UTF-16"),
        (text(persons()).encode() + b"x" * 70_000, "rad 6 är längre än"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "äldre slag (xls)"),
        (b"%PDF-1.7\n", "saknar kolumnerna"),
        (b"\x00" * 5000, "saknar kolumnerna"),
    ],
)
def test_what_cannot_be_read_is_told_by_line_and_never_quoted(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "register"
    path.write_bytes(content)
    assert told in refusal(path)


def test_a_workbook_gives_the_rows_and_its_numbers_get_their_zeros_back(tmp_path: Path) -> None:
    expected = persons()
    rows = [[row[name] for name in COLUMNS] for row in expected]
    path = write_workbook(tmp_path / "register", [COLUMNS, *rows])
    assert read(path) == (expected, "xlsx")
    for numbers in (
        [COLUMNS.index(name) for name in ("kommunkod", "postnummer", "alder")],
        [COLUMNS.index("kommunkod")],
    ):
        made = [[float(cell) if i in numbers else cell for i, cell in enumerate(row)] for row in rows]
        empty_end = [[""] * len(COLUMNS)] * 3
        assert read(write_workbook(path, [COLUMNS, *made, *empty_end]))[0] == expected


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("personid", 199001011234.5, "rad 2: kalkylprogrammet har gjort ett tal med decimaler"),
        ("personid", 1.9900101123456789e20, "fler siffror än kalkylboken minns"),
    ],
)
def test_a_number_that_the_workbook_has_spoilt_is_told(
    tmp_path: Path, column: str, cell: float, told: str
) -> None:
    row = [cell if name == column else people()[0][name] for name in COLUMNS]
    assert told in refusal(write_workbook(tmp_path / "register", [COLUMNS, row]))


def test_a_whole_personal_number_kept_as_a_number_is_read_digit_by_digit(tmp_path: Path) -> None:
    row = [199001011234.0 if name == "personid" else people()[0][name] for name in COLUMNS]
    rows, _ = read(write_workbook(tmp_path / "register", [COLUMNS, row]))
    assert rows[0]["personid"] == "199001011234"


def test_a_workbook_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_safety, "LARGEST_UNPACKED", 2 * 1024 * 1024)
    bomb = pack(tmp_path / "register", {**parts(sheet([COLUMNS])), "xl/media/x": b"\0" * 5 * 1024 * 1024})
    assert bomb.stat().st_size < 20_000
    assert "större än 2 MB uppackad" in refusal(bomb)


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    size = 3_000_000
    path = pack(tmp_path / "register", {**parts(sheet([COLUMNS])), "xl/media/x": b"\0" * size})
    content = path.read_bytes()
    assert content.count(size.to_bytes(4, "little")) == 2  # beside the part, and in the list at the end
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little")))
    assert "anger fel storlek" in refusal(path)


ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        ({**parts(sheet([COLUMNS])), "xl/vbaProject.bin": b"macro"}, "makron"),
        (parts(sheet([["&a;"]], ENTITY).replace("&amp;a;", "&a;")), "dokumenttyp"),
        ({"readme.txt": "no workbook"}, "kan inte läsas som kalkylbok"),
        (parts("<worksheet><sheetData><row><c>"), "Inget har sparats"),
        ({f"part{i}": "" for i in range(600)}, "600 delar"),
    ],
)
def test_a_hostile_workbook_is_refused_with_words(
    tmp_path: Path, contents: dict[str, str | bytes], told: str
) -> None:
    assert told in refusal(pack(tmp_path / "register", contents))


def test_a_locked_or_cut_off_workbook_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "register", [COLUMNS])
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert "den är trasig" in refusal(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "locked")
    locked = bytearray(path.read_bytes())
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(locked)
    assert "låst med lösenord" in refusal(path)


@pytest.mark.parametrize("seed", range(40))
def test_a_workbook_with_random_damage_is_read_or_refused_with_words(tmp_path: Path, seed: int) -> None:
    rows = [[row[name] for name in COLUMNS] for row in people()[:5]]
    path = write_workbook(tmp_path / "register", [COLUMNS, *rows])
    content = bytearray(path.read_bytes())
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 6)):
        content[chance.randrange(4, len(content))] = chance.randrange(256)
    path.write_bytes(content)
    try:
        read(path)
    except UserError as error:
        assert "Förnamn" not in str(error)
