"""Tables as text."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import writing
from analysis.writing import write_table


@pytest.mark.parametrize("rows", [1, 7, 20_000])
def test_every_double_is_read_back_bit_for_bit_in_its_shortest_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(writing, "CHUNK", 3000)
    bits = np.random.default_rng(4).integers(0, 1 << 64, rows, dtype=np.uint64)
    values = np.where(np.isfinite(bits.view(np.float64)), bits.view(np.float64), 0.1 + 0.2)
    values[: rows // 2] = np.random.default_rng(5).random(rows // 2)
    assert write_table(pd.DataFrame({"x": values, "last": ""}), tmp_path / "x.csv") == rows
    lines = (tmp_path / "x.csv").read_text().splitlines()
    texts = [line.removesuffix(",") for line in lines]
    assert texts[0] == "x,last"
    assert [float(text) for text in texts[1:]] == values.tolist()
    # An exponent may be written out: 0.00001 for 1e-05.
    assert all(len(text) <= len(repr(float(text))) + 2 for text in texts[1:])


def test_missing_is_empty_counts_are_whole_and_texts_keep_their_commas(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "code": pd.Categorical(["0180", None, "a,b"]),
            "n": [30.0, np.nan, 2.0],
            "estimate": [0.1, np.nan, -1e-7],
            "upper": [np.inf, 1.0, 5e-324],
            "reason": ['says "no"', "", "two\nlines"],
        }
    )
    write_table(table, tmp_path / "x.csv")
    back = pd.read_csv(tmp_path / "x.csv", dtype=str, keep_default_na=False)
    assert back["code"].tolist() == ["0180", "", "a,b"]
    assert back["n"].tolist() == ["30", "", "2"]
    assert back["estimate"].tolist() == ["0.1", "", "-1e-7"]
    assert back["upper"].tolist() == ["", "1.0", "5e-324"]
    assert back["reason"].tolist() == ['says "no"', "", "two\nlines"]


def test_a_table_without_rows_is_its_header(tmp_path: Path) -> None:
    assert write_table(pd.DataFrame({"wave": pd.Series(dtype="str"), "n": []}), tmp_path / "x.csv") == 0
    assert (tmp_path / "x.csv").read_text() == "wave,n\n"


def test_the_earlier_results_are_back_in_their_place_when_the_new_ones_cannot_be_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, building = tmp_path / "out", tmp_path / "new"
    out.mkdir()
    building.mkdir()
    (out / "manifest.json").write_text("the first")
    rename = Path.rename

    def once_refused(self: Path, target: Path) -> Path:
        if self == building:
            raise PermissionError(13, "refused", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", once_refused)
    with pytest.raises(PermissionError):
        writing._put_in_place(building, out)
    assert (out / "manifest.json").read_text() == "the first"
