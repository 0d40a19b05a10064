"""The public csv files of two releases, attacked as somebody would who has downloaded them all."""

import csv
import io
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy.orm import Session

sys.path.append(str(Path(__file__).parents[1] / "analysis"))

import attacked
from attack import ROW, exposed

from analysis.pipeline import Results
from analysis.schema import Bundle
from survey.database import Databases
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.release import Release
from survey.models.wave import Stratum, Wave
from survey.processing.drafts import store_table
from survey.publication.downloads.tables import municipality_table
from survey.publication.embargo import SERVICE

MUNICIPALITIES = ("0100", "0101")


@pytest.fixture(scope="module")
def releases() -> tuple[Bundle, list[Results]]:
    """Each wave's release; the second knows the first. No unions: the files have none."""
    bundle = replace(attacked.survey(5, areas=3, municipalities=2), domains=None)
    first = attacked.run(attacked.only(bundle, attacked.WAVES[0]))
    return bundle, [first, attacked.run(bundle, earlier=first.estimates)]


@pytest.fixture
def files(
    sqlite_databases: Databases, releases: tuple[Bundle, list[Results]]
) -> dict[tuple[str, str], pd.DataFrame]:
    """The file of each wave and municipality, as downloaded."""
    bundle, results = releases
    with Session(sqlite_databases.survey) as session:
        _add_places(session, bundle)
        for wave, one in zip(attacked.WAVES, results, strict=True):
            _add_release(session, wave, one)
        return {
            (wave, code): _read(municipality_table(session, wave, code, SERVICE).content)
            for wave in attacked.WAVES
            for code in MUNICIPALITIES
        }


@pytest.mark.parametrize(
    ("audience", "item"),
    [
        *((audience, item) for audience in (MUNICIPALITIES, MUNICIPALITIES[:1]) for item in attacked.ITEMS),
        (MUNICIPALITIES[:1], attacked.WORRY),
        pytest.param(MUNICIPALITIES, attacked.WORRY, marks=pytest.mark.long),
    ],
)
def test_the_files_bound_no_hidden_row_more_tightly_than_the_rule_allows(
    releases: tuple[Bundle, list[Results]],
    files: dict[tuple[str, str], pd.DataFrame],
    audience: Sequence[str],
    item: str,
) -> None:
    bundle, results = releases
    got = pd.concat([files[wave, code] for wave in attacked.WAVES for code in audience]).drop_duplicates()
    assert not got.duplicated([*ROW, "indicator"]).any()
    rows = got[got["indicator"].eq(item) & got["statistic"].ne("mean")]
    shown = attacked.with_margins(rows[rows["percent"].notna()], item, *results)
    targets = rows.loc[rows["percent"].isna(), list(ROW)]
    rest = rows.loc[rows["gender"].eq("woman"), list(ROW)].assign(gender="rest")
    known = attacked.sample_known(bundle, results, item)
    assert len(shown) > 0 or item == "robbery"
    assert len(targets) > 50
    assert exposed(shown, known, pd.concat([targets, rest]), attacked.WIDTH).empty


def _read(content: bytes) -> pd.DataFrame:
    """The columns of the file the attack takes, by its names."""
    table = pd.DataFrame(list(csv.DictReader(io.StringIO(content.decode("utf-8")))))
    names = {"percent_lower": "lower", "percent_upper": "upper", "change_points": "change"}
    table = table.rename(columns=names)
    figures = ["percent", "lower", "upper", "change", "change_lower", "change_upper"]
    table[figures] = table[figures].apply(pd.to_numeric)
    return table[[*ROW, "indicator", "previous_wave", *figures]]


def _add_places(session: Session, bundle: Bundle) -> None:
    for code in MUNICIPALITIES:
        session.add(
            Municipality(code=code, name=code, county_code="01", county="Län", police_region="Region")
        )
    session.flush()
    areas = bundle.strata[["stratum", "municipality_code"]].drop_duplicates().itertuples(index=False)
    session.add_all(
        Area(code=code, municipality_code=place, name=code, valid_from=date(2000, 1, 1))
        for code, place in areas
    )
    for year, code in enumerate(attacked.WAVES, start=2025):
        session.add(
            Wave(
                code=code,
                title=code,
                questionnaire="trygghet",
                questionnaire_hash="0" * 64,
                population_date=date(year, 1, 1),
                field_start=date(year, 2, 1),
                field_end=date(year, 3, 1),
                age_min=16,
                age_max=84,
                sample_per_area=260,
                seed=1,
                synthetic=False,
                status="closed",
            )
        )
    session.flush()
    for row in bundle.strata.itertuples():
        session.add(
            Stratum(
                wave_code=row.wave,
                area_code=row.stratum,
                municipality_code=row.municipality_code,
                population=row.population,
                sampled=row.sampled,
            )
        )
    session.flush()


def _add_release(session: Session, wave: str, results: Results) -> None:
    release = Release(
        wave_code=wave,
        version=1,
        synthetic=False,
        created_at=datetime(2027, 1, 1, tzinfo=UTC),
        created_by="tests",
        manifest=json.dumps({"disclosure": results.disclosure}),
    )
    session.add(release)
    session.flush()
    of_wave = results.changes[results.changes["wave"].eq(wave)]
    for name, table in (
        ("estimates", results.estimates),
        ("changes", of_wave),
        ("diagnostics", results.diagnostics),
        ("response_rates", results.response_rates),
    ):
        store_table(session, release.id, name, table)
    release.released_at, release.released_by = datetime(2027, 2, 1, tzinfo=UTC), "tests"
    session.flush()
