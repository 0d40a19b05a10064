"""Damaged files: errors that say where, exit code 2, nothing written; or, if they can be read, no traceback.

Every damage is drawn from a seed, so that a failure can be repeated by its number.
"""

import gzip
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from small_surveys import REFERENCE

from analysis.__main__ import main
from analysis.errors import EXIT_CODE, NOTHING_WRITTEN, InputError
from analysis.schema import FILES as READ_FILES
from analysis.schema import read_bundle

SOURCE = REFERENCE / "further" / "seed-101" / "bundle"
FILES = ("strata", "population", "sample", "responses", "indicators")
TEXTS = [
    *("", " ", "NaN", "nan", "inf", "-inf", "1e308", "1e309", "-1", "-0", "0", "1.5", "99999999999999999999"),
    *(
        "NULL",
        "None",
        "True",
        "woman ",
        " woman",
        "Woman",
        "kvinna",
        "åäö",
        "\u202e",
        "\ufeff",
        "'",
        "a" * 70000,
    ),
    *("0x10", "1_000", "1 000", "1,5", "٣", "=1+1", "all", "\x1f", "\\N", "16-29\x00"),
]
Lines = list[str]
Damage = Callable[[random.Random, Lines], str | bytes]


def text(lines: Lines) -> str:
    return "\n".join(lines) + "\n"


def cells(line: str) -> list[str]:
    return line.split(",")


def edited(draw: random.Random, lines: Lines, change: Callable[[list[str]], list[str]]) -> str:
    """One row, not the header, changed."""
    row = draw.randrange(1, len(lines))
    return text([*lines[:row], ",".join(change(cells(lines[row]))), *lines[row + 1 :]])


def another_value(draw: random.Random, lines: Lines) -> str:
    column, value = draw.randrange(len(cells(lines[0]))), draw.choice(TEXTS)
    return edited(draw, lines, lambda row: [*row[:column], value, *row[column + 1 :]])


def quoted_value(draw: random.Random, lines: Lines) -> str:
    column, inside = draw.randrange(len(cells(lines[0]))), draw.choice(["", "\n", ",", '""', "\r\n", "\n\n"])
    return edited(draw, lines, lambda row: [*row[:column], f'"{row[column]}{inside}"', *row[column + 1 :]])


def open_quote(draw: random.Random, lines: Lines) -> str:
    column = draw.randrange(len(cells(lines[0])))
    return edited(draw, lines, lambda row: [*row[:column], '"' + row[column], *row[column + 1 :]])


def more_or_fewer_values(draw: random.Random, lines: Lines) -> str:
    return edited(draw, lines, lambda row: draw.choice([row[:-1], [*row, "1"], [*row, ""], row[:1], []]))


def column_dropped(draw: random.Random, lines: Lines) -> str:
    column = draw.randrange(len(cells(lines[0])))
    return text([",".join(cells(line)[:column] + cells(line)[column + 1 :]) for line in lines])


def column_twice(draw: random.Random, lines: Lines) -> str:
    column = draw.randrange(len(cells(lines[0])))
    return text([",".join([*cells(line), cells(line)[column]]) for line in lines])


def column_renamed(draw: random.Random, lines: Lines) -> str:
    column, name = draw.randrange(len(cells(lines[0]))), draw.choice(TEXTS)
    header = cells(lines[0])
    return text([",".join([*header[:column], name, *header[column + 1 :]]), *lines[1:]])


def rows_dropped(draw: random.Random, lines: Lines) -> str:
    keep = draw.random()
    return text([lines[0], *(line for line in lines[1:] if draw.random() < keep)])


def row_twice(draw: random.Random, lines: Lines) -> str:
    return text([*lines, draw.choice(lines[1:])])


def rows_in_another_order(draw: random.Random, lines: Lines) -> str:
    return text([lines[0], *draw.sample(lines[1:], len(lines) - 1)])


def header_twice(draw: random.Random, lines: Lines) -> str:
    at = draw.randrange(1, len(lines) + 1)
    return text([*lines[:at], lines[0], *lines[at:]])


def blank_lines(draw: random.Random, lines: Lines) -> str:
    at = draw.randrange(len(lines) + 1)
    return text([*lines[:at], draw.choice(["", " ", ",", '""']), *lines[at:]])


def another_separator(draw: random.Random, lines: Lines) -> str:
    return text(lines).replace(",", draw.choice([";", "\t", ", ", "|"]))


def another_line_end(draw: random.Random, lines: Lines) -> bytes:
    return text(lines).replace("\n", draw.choice(["\r\n", "\r", "\n\r", "\x0b"])).encode()


def another_encoding(draw: random.Random, lines: Lines) -> bytes:
    marked = text(lines).replace(draw.choice(["w", "0", "1", ","]), "é", 1)
    return marked.encode(draw.choice(["latin-1", "utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig"]))


def mixed_encodings(draw: random.Random, lines: Lines) -> bytes:
    content = text(lines).encode()
    at = draw.randrange(len(content))
    return (
        content[:at]
        + draw.choice([b"\xe5", b"\xff\xfe", b"\x00", b"\x80", b"\xc3", b"\xed\xa0\x80"])
        + content[at:]
    )


def cut_short(draw: random.Random, lines: Lines) -> str:
    content = text(lines)
    return content[: draw.randrange(len(content))]


def almost_nothing(draw: random.Random, lines: Lines) -> bytes:
    return draw.choice(
        [b"", b"\n", b"\xef\xbb\xbf", lines[0].encode(), lines[0].encode() + b"\n", b"\x00" * 9, b'"']
    )


def shuffled_bytes(draw: random.Random, lines: Lines) -> bytes:
    content = bytearray(text(lines).encode())
    for _ in range(draw.randrange(1, 6)):
        content[draw.randrange(len(content))] = draw.randrange(256)
    return bytes(content)


DAMAGES: tuple[Damage, ...] = (
    *(another_value, another_value, another_value, quoted_value, open_quote, more_or_fewer_values),
    *(column_dropped, column_twice, column_renamed, rows_dropped, row_twice, rows_in_another_order),
    *(header_twice, blank_lines, another_separator, another_line_end, another_encoding, mixed_encodings),
    *(cut_short, almost_nothing, shuffled_bytes),
)
OPTIONAL = {
    "domains": "wave,geography,code,stratum\n2031,district,1,0310-1\n2032,district,1,0310-1\n",
    "age_groups": "age_group,reporting_age_group\n16-29,16-49\n30-49,16-49\n50-69,50-84\n70-84,50-84\n",
    "covariates": "wave,geography,code,rented\n"
    + "".join(f"{wave},area,{code},0.{code[-1]}\n" for wave in (2031, 2032) for code in ("0310-1", "0310-2")),
    "breaks": "wave,indicator,municipality_code,cause,bridge,bridge_se\n"
    "2032,a,,wording,0.02,0.01\n2032,b,0310,mode,,\n2032,c,,mode,-0.1,0.05\n",
    "items": "wave,item,definition\n2031,a,v1\n2031,b,v1\n2032,a,v1\n2032,b,v2\n",
    "published": "wave,geography,code,gender,age_group,indicator,statistic,estimate,source,n,se,lower,upper\n"
    "2029,municipality,0310,all,all,a,proportion,0.4,report,200,0.03,0.34,0.46\n"
    "2029,municipality,0310,woman,all,a,proportion,0.5,report,,,,\n"
    "2030,all,all,all,all,c,mean,2.1,report,900,,2.0,2.2\n",
    "routing": "item,base\nc,a=1|b=1\nc,b=0|b=1\n",
    "indices": "index,item,level,score\nd,a,0,0\nd,a,1,10\nd,b,0,10\nd,b,1,0\n",
}
FILE_NAMES = {file.removesuffix(".csv") for file in READ_FILES.values()}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of an undamaged bundle: every file there can be, two waves, an index, a further margin."""
    files = {name: gzip.decompress((SOURCE / f"{name}.csv.gz").read_bytes()).decode() for name in FILES}
    files = {name: content.replace("\r\n", "\n") for name, content in {**files, **OPTIONAL}.items()}
    header, *recipes = files["indicators"].splitlines()
    files["indicators"] = text([f"{header},items", *(f"{row}," for row in recipes), "d,,index,,,a b"])
    files["margins"] = margins(files["population"])
    return files


def margins(population: str) -> str:
    """The population once more, as a margin by register sex."""
    counts = Counter[str]()
    names, *rows = map(cells, population.splitlines())
    for row in rows:
        known = dict(zip(names, row, strict=True))
        counts[f"{known['wave']},{known['municipality_code']},legal_gender,{known['legal_gender']}"] += int(
            known["population"]
        )
    return text(
        [
            "wave,municipality_code,margin,category,population",
            *(f"{key},{count}" for key, count in counts.items()),
        ]
    )


def put(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8", newline="")
    return folder


def damaged(seed: int, folder: Path, files: dict[str, str]) -> str:
    """Damage one file of a bundle; what was done."""
    draw = random.Random(seed)
    name, damage = draw.choice(list(files)), draw.choice(DAMAGES)
    content = damage(draw, files[name].splitlines())
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    (folder / f"{name}.csv").write_bytes(raw)
    return f"seed {seed}: {damage.__name__} in {name}.csv"


def outcome(seed: int, tmp_path: Path, files: dict[str, str]) -> str:
    """Read one damaged bundle: `read`, or `refused` with a message that says where."""
    folder = put(tmp_path / f"b{seed}", files)
    what = damaged(seed, folder, files)
    try:
        read_bundle(folder)
    except InputError as error:
        if not (error.file.removesuffix(".csv") in FILE_NAMES and error.found and error.expected):
            raise AssertionError(f"{what}: {error}") from error
        return "refused"
    except Exception as error:
        raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error
    finally:
        shutil.rmtree(folder)
    return "read"


def test_the_undamaged_bundle_is_read(tmp_path: Path, clean: dict[str, str]) -> None:
    assert read_bundle(put(tmp_path / "bundle", clean)).waves == ("2031", "2032")


def test_damaged_files_are_read_or_refused_by_name(tmp_path: Path, clean: dict[str, str]) -> None:
    found = [outcome(seed, tmp_path, clean) for seed in range(60)]
    assert found.count("refused") > 30
    assert found.count("read") > 5


@pytest.mark.long
def test_thousands_of_damaged_files_are_read_or_refused_by_name(
    tmp_path: Path, clean: dict[str, str]
) -> None:
    assert {outcome(seed, tmp_path, clean) for seed in range(1000, 6000)} == {"read", "refused"}


@pytest.mark.parametrize("seeds", [range(500, 506), pytest.param(range(506, 512), marks=pytest.mark.long)])
def test_the_command_refuses_or_writes_everything(
    tmp_path: Path, clean: dict[str, str], capsys: pytest.CaptureFixture[str], seeds: range
) -> None:
    whole = None
    for seed in seeds:
        folder = put(tmp_path / f"b{seed}", clean)
        what = damaged(seed, folder, clean)
        out = tmp_path / f"out{seed}"
        code = main([str(folder), "--out", str(out)])
        said = capsys.readouterr().err
        if code == 0:
            written = sorted(path.name for path in out.iterdir())
            whole = whole or written
            assert written == whole, what
        else:
            assert code == EXIT_CODE, what
            assert NOTHING_WRITTEN in said, what
            assert re.match(r"\w+\.csv", said), what
            assert not out.exists(), what
    assert whole
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize("name", [*FILES, *OPTIONAL])
def test_a_folder_in_place_of_a_file_is_named(
    tmp_path: Path, clean: dict[str, str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = put(tmp_path / "bundle", clean)
    (folder / f"{name}.csv").unlink()
    (folder / f"{name}.csv").mkdir()
    assert main([str(folder), "--out", str(tmp_path / "out")]) == EXIT_CODE
    assert f"{name}.csv" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(
    tmp_path: Path, clean: dict[str, str]
) -> None:
    windows = {name: "\ufeff" + content.replace("\n", "\r\n") for name, content in clean.items()}
    one, other = read_bundle(put(tmp_path / "a", clean)), read_bundle(put(tmp_path / "b", windows))
    for name in (*FILES, *OPTIONAL):
        table, again = getattr(one, name), getattr(other, name)
        if isinstance(table, pd.DataFrame):
            table, again = (found.astype(str).to_dict("list") for found in (table, again))
        assert table == again, name
