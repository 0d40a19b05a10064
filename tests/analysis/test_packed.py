"""Codes instead of texts: the same answers as texts would give."""

import numpy as np
import pandas as pd
import pytest

from analysis import packed


def test_keys_are_equal_exactly_where_the_texts_are_whatever_they_are_packed_as():
    generator = np.random.default_rng(3)
    names = np.array(["a", "b", "", "ab"])
    left = pd.DataFrame({"x": generator.choice(names, 300), "y": generator.choice(["1", "2"], 300)})
    right = pd.DataFrame(
        {"u": pd.Categorical(generator.choice(names, 200)), "v": generator.choice(["2", "3"], 200)}
    )
    keys = packed.row_keys([left, right], [["x", "y"], ["u", "v"]])
    texts = [
        (left["x"] + "|" + left["y"]).to_numpy(dtype=object),
        (right["u"].astype(str) + "|" + right["v"]).to_numpy(dtype=object),
    ]
    for one, two in ((0, 0), (0, 1), (1, 1)):
        assert ((keys[one][:, None] == keys[two]) == (texts[one][:, None] == texts[two])).all()


def test_identities_that_are_not_numbers_in_their_one_form_stay_apart(monkeypatch):
    monkeypatch.setattr(packed, "MANY", 0)
    for identities in (
        ["1", "01", "1 ", "-1"],
        ["7", "8", "9223372036854775807"],
        ["a", "b", "1"],
        ["1", "", "2"],
        ["16777215", "0xFFFFFF"],
        ["0", "00", "10"],
    ):
        table = pd.DataFrame({"id": pd.Series(identities, dtype="str")})
        (key,) = packed.row_keys([table], [["id"]])
        assert len(set(key.tolist())) == len(identities)
        again = table.iloc[::-1].reset_index(drop=True)
        assert packed.find_rows(again, ["id"], table).tolist() == list(range(len(identities)))[::-1]


@pytest.mark.parametrize("odd", ["x", "007"])
def test_identities_of_a_part_of_a_table_are_those_that_stand_there(monkeypatch, odd):
    """Whatever else stands in the memory that the part is cut from, and wherever a column is joined."""
    monkeypatch.setattr(packed, "MANY", 0)
    parts = [pd.DataFrame({"id": pd.Series(ids, dtype="str")}) for ids in ([odd, "12", "7"], ["30", "7000"])]
    cut = pd.concat([parts[0].iloc[1:], parts[1]])
    (numbers,) = packed._distinct([cut["id"]])[0]
    assert numbers.tolist() == [12, 7, 30, 7000]
    table = pd.concat(parts, ignore_index=True)
    assert packed.find_rows(cut, ["id"], table).tolist() == [1, 2, 3, 4]


def test_rows_that_are_not_there_are_minus_one():
    table = pd.DataFrame({"id": ["a", "b"]})
    assert packed.find_rows(pd.DataFrame({"id": ["b", "c"]}), ["id"], table).tolist() == [1, -1]
    assert packed.find_rows(table, ["id"], table.iloc[:0]).tolist() == [-1, -1]


def test_missing_texts_have_no_value_of_their_own():
    column = pd.Series(pd.Categorical(["x", None, "y"]))
    assert packed.spread(column, {"x": 1, "y": 2}, 0).tolist() == [1, 0, 2]
    assert packed.equals(column, "x").tolist() == [True, False, False]
    assert packed.texts(column).tolist() == ["x", "", "y"]


@pytest.mark.parametrize("kind", ["str", "category"])
def test_names_in_order_are_those_that_occur(kind):
    column = pd.Series(["web", None, "paper", "web"], dtype="str").astype(kind)
    if kind == "category":
        column = column.cat.add_categories(["phone"])
    codes, names = packed.in_order(column)
    assert names == ["", "paper", "web"]
    assert [names[code] for code in codes] == ["web", "", "paper", "web"]


@pytest.mark.parametrize("entries", [1, 2, 127, 128, 129, 300])
@pytest.mark.parametrize("width", [np.int8, np.uint8, np.bool_, np.int64])
def test_a_code_finds_its_entry_and_none_the_last(entries, width):
    table = np.random.default_rng(1).integers(0, 127, entries).astype(width)
    codes = np.arange(-1, min(entries, 128)).astype(np.int8)
    found = packed.look_up(table, codes)
    np.testing.assert_array_equal(found, table[codes])
    assert found.dtype == width
