"""Published figures: loaded as they are given, given out again, every fault told."""

from datetime import date

import pytest
from imported_bundle import write
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from survey.errors import UserError
from survey.models.area import Area
from survey.models.audit_event import AuditEvent
from survey.models.municipality import Municipality
from survey.models.series import PublishedFigure
from survey.preparation.series import export_series, import_series

COLUMNS = "wave geography code gender age_group indicator statistic estimate n se lower upper source"
TODAY = date(2026, 1, 2)
ROWS = [
    (
        "2019",
        "municipality",
        "0125",
        "all",
        "all",
        "problem_drugs",
        "proportion",
        "0.31",
        "812",
        "",
        "0.28",
        "0.34",
        "Rapport 2019",
    ),
    (
        "2019",
        "municipality",
        "0125",
        "woman",
        "all",
        "problem_drugs",
        "proportion",
        "0.29",
        "",
        "",
        "",
        "",
        "Rapport 2019",
    ),
    (
        "2018",
        "area",
        "0125-01",
        "all",
        "16-29",
        "problem_drugs",
        "proportion",
        "0.4",
        "41",
        "0.05",
        "",
        "",
        "Rapport 2018",
    ),
]


def add_places(session):
    place = {"county_code": "01", "county": "Stockholms län", "police_region": "Stockholm"}
    session.add(Municipality(code="0125", name="Ekerö", **place))
    session.flush()
    session.add(Area(code="0125-01", municipality_code="0125", name="Område 1", valid_from=date(2015, 1, 1)))
    session.flush()
    return session


@pytest.fixture
def place(session):
    return add_places(session)


@pytest.fixture
def here(quick):
    return add_places(quick)


def take_in(session, path, synthetic=False):
    return import_series(session, path, synthetic, "test", TODAY)


def test_figures_are_stored_as_they_are_given(place, tmp_path):
    report = take_in(place, write(tmp_path / "published.csv", COLUMNS, ROWS))
    assert (report.figures, report.waves, report.testable) == (3, ("2018", "2019"), 2)
    first = place.scalars(select(PublishedFigure).where(PublishedFigure.n == 812)).one()
    assert (first.estimate, first.se, first.lower, first.upper) == (0.31, None, 0.28, 0.34)
    assert (first.source, first.synthetic, first.imported_on) == ("Rapport 2019", False, TODAY)
    event = place.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject) == ("import series", "published.csv")


def test_what_is_given_out_is_what_was_taken_in(place, tmp_path):
    take_in(place, write(tmp_path / "published.csv", COLUMNS, ROWS))
    expected = [COLUMNS.replace(" ", ","), *(",".join(row) for row in sorted(ROWS))]
    assert export_series(place, synthetic=False).splitlines() == expected


def test_real_and_simulated_figures_are_given_out_apart(here, tmp_path):
    take_in(here, write(tmp_path / "published.csv", COLUMNS, ROWS[:1]))
    take_in(here, write(tmp_path / "simulated.csv", COLUMNS, ROWS[1:]), synthetic=True)
    assert len(export_series(here, synthetic=False).splitlines()) == 2
    assert len(export_series(here, synthetic=True).splitlines()) == 3


def test_a_stored_figure_cannot_be_changed(place, tmp_path):
    take_in(place, write(tmp_path / "published.csv", COLUMNS, ROWS))
    with pytest.raises(DBAPIError, match="stays as it was given"):
        place.execute(update(PublishedFigure).values(estimate=0.5))


def test_a_figure_is_not_taken_in_twice(here, tmp_path):
    path = write(tmp_path / "published.csv", COLUMNS, ROWS)
    take_in(here, path)
    with pytest.raises(
        UserError, match="rad 2: kolumnen wave är '2019' men ska vara en uppgift som inte redan"
    ):
        take_in(here, path)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("code", "9999", "rad 3: kolumnen code är '9999' men ska vara en kommun"),
        ("geography", "region", "rad 3: kolumnen geography är 'region'"),
        ("wave", "sista", "rad 3: kolumnen wave är 'sista' men ska vara ett årtal"),
        ("indicator", "happiness", "line 3, column indicator"),
        ("estimate", "29", "line 3, column estimate"),
        ("statistic", "mean", "line 3, column statistic"),
        ("source", "x" * 201, "rad 3: kolumnen source"),
    ],
)
def test_a_fault_is_told_with_line_and_column_and_nothing_is_stored(here, tmp_path, column, value, told):
    rows = [list(row) for row in ROWS]
    rows[1][COLUMNS.split().index(column)] = value
    with pytest.raises(UserError, match=told) as error:
        take_in(here, write(tmp_path / "published.csv", COLUMNS, rows))
    assert "Inget har sparats." in str(error.value)
    assert here.scalars(select(PublishedFigure)).all() == []
