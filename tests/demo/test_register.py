import re
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey.collection.register_layout import COLUMNS
from survey.demo.geography import Counts, Plan, counts, plan, restrict
from survey.demo.register import write_register
from survey.preparation.population import AGE_GROUPS

DATE = date(2019, 12, 31)


@pytest.fixture(scope="module")
def areas() -> Plan:
    return restrict(plan("small", 11), ["0187", "0140"])


@pytest.fixture(scope="module")
def cells(areas: Plan) -> Counts:
    return counts(areas, DATE)


@pytest.fixture(scope="module")
def file(areas: Plan, cells: Counts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("register") / "register.csv"
    write_register(path, areas, cells, seed=11, wave="2019")
    return path


@pytest.fixture(scope="module")
def people(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, sep=";", dtype=str, keep_default_na=False)


def test_the_header_is_that_of_a_register_delivery(file: Path) -> None:
    assert file.read_text(encoding="utf-8").splitlines()[0] == ";".join(COLUMNS)


def test_everybody_in_the_population_is_one_row(people: pd.DataFrame, areas: Plan, cells: Counts) -> None:
    edges = [int(band.split("-")[0]) for band in AGE_GROUPS] + [85]
    band = pd.cut(people["alder"].astype(int), edges, right=False, labels=list(AGE_GROUPS)).astype(str)
    found = Counter(zip(people["delomrade"], people["kon"], band, strict=True))
    expected = {
        (area.code, "KM"[g], AGE_GROUPS[b]): int(cells[a, g, b])
        for a, area in enumerate(areas.areas)
        for g in range(2)
        for b in range(len(AGE_GROUPS))
    }
    assert found == expected


def test_serials_are_unique_and_never_look_like_a_personal_identity_number(people: pd.DataFrame) -> None:
    assert people["personid"].is_unique
    assert people["personid"].str.fullmatch(r"P\d{8}").all()


def test_some_persons_are_protected_and_part_of_the_counts(people: pd.DataFrame, cells: Counts) -> None:
    share = (people["skyddad"] == "J").mean()
    assert 0.001 < share < 0.006
    assert len(people) == cells.sum()


def test_addresses_are_invented(people: pd.DataFrame) -> None:
    assert people["postnummer"].str.fullmatch(r"0\d{4}").all()
    assert not people["adress"].map(lambda text: re.fullmatch(r"\S+ \d+", text) is None).any()


def test_the_order_of_the_file_tells_nothing(people: pd.DataFrame) -> None:
    ages = people["alder"].astype(int).to_numpy()
    assert abs(np.corrcoef(ages[:-1], ages[1:])[0, 1]) < 0.05


def test_the_same_seed_writes_the_same_file(areas: Plan, cells: Counts, file: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.csv", tmp_path / "other.csv"
    write_register(again, areas, cells, seed=11, wave="2019")
    write_register(other, areas, cells, seed=12, wave="2019")
    assert again.read_bytes() == file.read_bytes()
    assert other.read_bytes() != file.read_bytes()


def test_progress_reaches_the_last_row(areas: Plan, cells: Counts, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    rows = write_register(
        tmp_path / "r.csv", areas, cells, 1, "2019", lambda _label, done, total: seen.append((done, total))
    )
    assert seen[-1] == (rows, rows)
