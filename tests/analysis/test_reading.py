"""One file into a table: codes of one character are read in a way of their own, and read the same."""

import pytest

from analysis.errors import InputError
from analysis.reading import PEEK, read_table

MANY = PEEK  # rows of two characters or more: the last ones lie beyond what is looked at first


def written(folder, rows):
    path = folder / "responses.csv"
    path.write_bytes(b"case_id,q01,q02\n" + b"".join(rows))
    return path


def packed(path):
    return read_table(path, plain=frozenset({"case_id"}))


@pytest.mark.parametrize("last", ["10", "01", "å", "\x00", '""', '"1"', " ", ""])
def test_a_code_reads_as_it_stands_wherever_it_stands(tmp_path, last):
    path = written(tmp_path, [b"1,1,2\n2,,3\n", *[b"3,2,1\n"] * MANY, f"4,{last},5\n".encode()])
    table, plain = packed(path), read_table(path)
    assert table["q01"].iloc[-1] == last.strip('"')
    for column in plain:
        assert table[column].astype("str").tolist() == plain[column].tolist()


def test_half_a_character_is_refused_wherever_it_stands(tmp_path):
    path = written(tmp_path, [*[b"3,2,1\n"] * MANY, b"4,\xe5,5\n"])
    with pytest.raises(InputError, match=f"line {MANY + 2}, column q01.*0xe5"):
        packed(path)


def test_a_long_row_is_named_wherever_it_stands(tmp_path):
    path = written(tmp_path, [*[b"3,2,1\n"] * MANY, b"4,1,5,6\n"])
    with pytest.raises(InputError, match=f"line {MANY + 2}.*4 values"):
        packed(path)


def test_a_file_without_rows_has_its_columns(tmp_path):
    table = packed(written(tmp_path, []))
    assert list(table) == ["case_id", "q01", "q02"]
    assert len(table) == 0
