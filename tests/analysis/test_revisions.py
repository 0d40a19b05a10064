"""What a new run changed: every kind of change is told, and nothing that stayed."""

import pandas as pd

from analysis.keys import ESTIMATE
from analysis.revisions import APPEARED, HIDDEN, MOVED, REWORDED, revised_rows


def estimates(**figures: float | None) -> pd.DataFrame:
    rows = [
        ("2022", "municipality", "0114", "all", "all", name, "proportion", figure, figure is not None)
        for name, figure in figures.items()
    ]
    return pd.DataFrame(rows, columns=[*ESTIMATE, "estimate", "released"])


def changes(**verdicts: str) -> pd.DataFrame:
    rows = [
        ("2022", "municipality", "0114", "all", "all", name, "proportion", said)
        for name, said in verdicts.items()
    ]
    return pd.DataFrame(rows, columns=[*ESTIMATE, "verdict"])


def test_each_kind_of_change_is_told_and_the_largest_comes_first() -> None:
    now = estimates(same=0.5, little=0.51, much=0.7, shown=0.2, gone=None, words=0.4)
    was = estimates(same=0.5 + 1e-14, little=0.5, much=0.5, shown=None, gone=0.2, words=0.4)
    found = revised_rows(now, changes(words="up", same="up"), was, changes(words="unchanged", same="up"))
    kinds = dict(zip(found["indicator"], found["kind"], strict=True))
    assert kinds == {"little": MOVED, "much": MOVED, "shown": APPEARED, "gone": HIDDEN, "words": REWORDED}
    assert found["indicator"].tolist()[:2] == ["much", "little"]
    words = found.set_index("indicator").loc["words"]
    assert (words["verdict_before"], words["verdict"]) == ("unchanged", "up")


def test_a_row_that_was_not_there_before_has_appeared() -> None:
    found = revised_rows(estimates(new=0.5), changes(), estimates(), changes())
    assert found["kind"].tolist() == [APPEARED]
    assert found["figure_before"].isna().all()


def test_nothing_changed_is_no_row() -> None:
    same = estimates(one=0.5, other=None), changes(one="up")
    assert revised_rows(*same, *same).empty
