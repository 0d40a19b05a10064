"""From answers to page, csv and PDF: each figure is its released row, each word of change its verdict."""

import csv
import io
import re
from decimal import ROUND_HALF_UP, Decimal

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from staff import logged_in

from survey import worker
from survey.database import Databases
from survey.models.release import Change, Estimate
from survey.processing.orders import order_reports
from survey.processing.releases import process, release
from survey.publication import results
from survey.publication.content import GroupFigures, MunicipalityReport
from survey.publication.embargo import SERVICE
from survey.questionnaire import indicators as library

CODE, NOW = "0114", "2022"
KEYS = ("geography", "code", "gender", "age_group", "indicator", "statistic")
WORDS = {"up": "▲", "down": "▼", "unchanged": "oförändrat", "too_uncertain": "osäkert"}
Key = tuple[str, ...]


def databases(app: Flask) -> Databases:
    found: Databases = app.extensions["databases"]
    return found


@pytest.fixture
def reader(app: Flask, add_wave) -> FlaskClient:
    """Two waves of one municipality, the later one released with its report; its user is logged in."""
    stores = databases(app)
    with stores.transaction() as session:
        add_wave(session, "2019", (CODE,))
        add_wave(session, NOW, (CODE,))
        process(session, NOW, by="tests")
        release(session, NOW, by="tests")
        order_reports(session, NOW, "tests", worker._now())
    worker.work(stores, app.extensions["settings"], once=True)
    return logged_in(app, CODE)


def rows_of(app: Flask) -> tuple[dict[Key, Estimate], dict[Key, Change]]:
    with databases(app).reading() as session:
        estimates = session.scalars(select(Estimate).where(Estimate.wave == NOW)).all()
        changes = session.scalars(select(Change)).all()
        session.expunge_all()
    return {key(row): row for row in estimates}, {key(row): row for row in changes}


def key(row: Estimate | Change) -> Key:
    return tuple(getattr(row, name) for name in KEYS)


def percent(share: float) -> str:
    return str((Decimal(repr(share)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def groups(report: MunicipalityReport) -> list[tuple[Key, GroupFigures]]:
    """Everybody, by gender and by age, with the key of the row behind it."""
    own = ("municipality", CODE)
    found: list[tuple[Key, GroupFigures]] = []
    for indicator in report.indicators:
        end = (indicator.id, "proportion")
        found.append(((*own, "all", "all", *end), indicator.total))
        pairs = zip(("woman", "man"), indicator.genders, strict=True)
        found += [((*own, gender, "all", *end), group) for gender, group in pairs]
        for group in indicator.ages:
            age = group.label.removesuffix(" år").replace("–", "-")
            found.append(((*own, "all", age, *end), group))
    return found


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("&nbsp;", " ").split())


def test_every_figure_is_its_released_row_and_every_word_its_verdict(app: Flask, reader: FlaskClient) -> None:
    estimates, changes = rows_of(app)
    page = plain(reader.get(f"/kommun/{CODE}/{NOW}/").text)
    table = reader.get(f"/kommun/{CODE}/{NOW}/resultat.csv").text.lstrip("\ufeff")
    with reader.get(f"/kommun/{CODE}/{NOW}/rapport.pdf") as sent:
        pdf = pypdfium2.PdfDocument(sent.data)
    printed = plain(" ".join(one.get_textpage().get_text_range() for one in pdf))
    with databases(app).reading() as session:
        report = results.municipality_report(session, NOW, CODE, SERVICE)

    shares = {measure.id for measure in library.indicators()}
    compared = {"shown": 0, "hidden": 0, "verdicts": 0}
    for written in csv.DictReader(io.StringIO(table)):
        row = estimates.pop(tuple(written[name] for name in KEYS))
        share = row.released and row.statistic == "proportion" and row.indicator in shares
        assert written["released"] == str(int(row.released))
        if share:
            assert written["percent"] == percent(row.estimate)
            assert (written["percent_lower"], written["percent_upper"]) == (
                percent(row.lower),
                percent(row.upper),
            )
        elif not row.released:
            assert written["percent"] == written["n"] == ""
        change = changes.get(key(row))
        assert written["verdict"] == (change.verdict if change else "")
    assert estimates == {}  # nothing released is missing in the file

    estimates, _ = rows_of(app)
    for place, group in groups(report):
        row = estimates[place]
        if row.released:
            figure = f"{percent(row.estimate)} % ({percent(row.lower)}–{percent(row.upper)})"
            assert figure in page, place
            compared["shown"] += 1
        else:
            assert not group.now.shown
            compared["hidden"] += 1
        change = changes.get(place)
        if change is not None and change.released:
            assert group.change.verdict == change.verdict
            assert group.change.certain == (change.verdict in ("up", "down"))
            assert WORDS[change.verdict] in group.change.mark + group.change.text
            compared["verdicts"] += 1
    for indicator in report.headlines:
        row = estimates["municipality", CODE, "all", "all", indicator.id, "proportion"]
        if row.released:
            assert f"{percent(row.estimate)} %" in printed, indicator.id
    assert all(compared.values()), compared
