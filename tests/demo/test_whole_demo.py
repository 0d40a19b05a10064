"""The demonstration from an empty folder, tiny: two municipalities, two areas each."""

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from survey import cli
from survey.clock import now
from survey.config import Settings
from survey.database import Databases
from survey.demo import run
from survey.demo.browser import Browser
from survey.demo.stage import Options
from survey.demo.web_fieldwork import RECEIPT, answer_in_browser, running_server
from survey.followup.promises.receipt import receipts

SEED = 3


def command(arguments: Sequence[str]) -> None:
    cli.main.main(list(arguments), standalone_mode=False)


def _run(folder: Path, serve: bool) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("survey.demo.geography.SMALL_MUNICIPALITIES", ("0140", "0187"))
        patch.setattr("survey.demo.geography.SMALL_AREAS_AT_MOST", 2)
        patch.setattr("survey.demo.setup.SAMPLE_PER_AREA", 70)
        patch.setattr("survey.demo.run._IN_BROWSER", {"small": 3})
        patch.setattr("survey.demo.run.serve", lambda _workplace: None)
        run.run_demo(Options(size="small", seed=SEED, serve=serve, yes=True, output=folder), command)
    return folder


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _run(tmp_path_factory.mktemp("demo"), serve=True)


def _settings(folder: Path) -> Settings:
    lines = (folder / "trygg.env").read_text(encoding="utf-8").splitlines()
    pairs = (line.removeprefix("export ").split("=", 1) for line in lines)
    return Settings.from_environment({name: value.strip("'") for name, value in pairs})


def _estimates(folder: Path) -> pd.DataFrame:
    (file,) = (folder / "release" / "2022").glob("2022-estimates*.csv")
    return pd.read_csv(file, dtype={"wave": str, "code": str})


def test_it_leaves_reports_tables_letters_and_the_truth(demonstration: Path) -> None:
    reports = sorted(path.name for path in (demonstration / "reports" / "2022").iterdir())
    assert [name[:4] for name in reports] == ["0140", "0187"]
    assert all("SIMULERADE-SVAR" in name and name.endswith(".pdf") for name in reports)
    assert len(list((demonstration / "letters" / "2022").glob("*.pdf"))) == 1
    assert {path.stem for path in (demonstration / "truth").iterdir()} >= {"2018", "2019", "2022"}
    assert not list((demonstration / "register").iterdir())


def test_the_municipality_that_declined_is_compared_with_the_wave_before(demonstration: Path) -> None:
    (file,) = (demonstration / "release" / "2022").glob("2022-changes*.csv")
    changes = pd.read_csv(file, dtype=str)
    previous = changes[changes["geography"] == "municipality"].groupby("code")["previous_wave"].unique()
    assert {code: list(waves) for code, waves in previous.items()} == {"0140": ["2018"], "0187": ["2019"]}


def test_it_says_who_can_log_in_and_how_to_go_on(demonstration: Path) -> None:
    text = (demonstration / "logins.txt").read_text(encoding="utf-8")
    assert "SIMULERADE SVAR – INGET RESULTAT" in text
    assert text.count("@example.se") == 12
    assert "wave close" in text and "wave report" in text


def test_a_newcomer_sees_what_was_promised_and_how_it_went(demonstration: Path) -> None:
    stores = Databases.connect(Settings(survey_database=f"sqlite:///{demonstration / 'survey.db'}"))
    with stores.reading() as session:
        found = receipts(session, "0187", "public", now())
    stores.dispose()
    assert len(found) == 4 and all("påhittat" in one.title for one in found)
    assert found[-1].status == "going_on" and found[-2].status == "reached"
    assert {one.status for one in found[:2]} <= {"reached", "not_reached", "cannot_tell"}


@pytest.mark.long  # a whole demonstration more
def test_the_same_seed_gives_the_same_figures(demonstration: Path, tmp_path: Path) -> None:
    again = _run(tmp_path / "again", serve=False)
    pd.testing.assert_frame_equal(_estimates(again), _estimates(demonstration))
    assert not (again / "logins.txt").exists()


def test_what_it_prints_opens_the_doors(demonstration: Path) -> None:
    text = (demonstration / "logins.txt").read_text(encoding="utf-8")
    code = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text)[0]
    email, password = re.findall(r"(kommun0187@example\.se)\s+(\S+)", text)[0]
    login = re.findall(r"Arbeta med mätningen: +http://[^/]+(/\S+)", text)[0]
    with running_server(_settings(demonstration)) as address:
        assert answer_in_browser(address, code, "ar", {"unsafe_evening": "2"}).path == RECEIPT
        browser = Browser(address)
        page = browser.open(login)
        inside = browser.submit(page, page.main_form(), {"email": email, "password": password})
        assert inside.path == "/kommun/"
        assert "SIMULERADE SVAR" in inside.html
        email, password = re.findall(r"(inmatning2@example\.se)\s+(\S+)", text)[0]
        number = re.findall(r"Pappersformulär .*:  (\S+)", text)[0]
        typist = Browser(address)
        page = typist.open(login)
        start = typist.submit(page, page.main_form(), {"email": email, "password": password})
        assert "Formulär" in typist.submit(start, start.main_form(), {"number": number}).html


def test_a_screener_has_texts_to_decide_on_and_the_municipality_those_let_through(
    demonstration: Path,
) -> None:
    text = (demonstration / "logins.txt").read_text(encoding="utf-8")
    with running_server(_settings(demonstration)) as address:
        pages = {}
        for who in ("granskning", "kommun0187"):
            email, password = re.findall(rf"({who}@example\.se)\s+(\S+)", text)[0]
            browser = Browser(address)
            page = browser.open("/inloggning")
            start = browser.submit(page, page.main_form(), {"email": email, "password": password})
            pages[who] = browser, start
        screener, start = pages["granskning"]
        assert "Väntar: 11 · Läses en gång till: 1 · Släppta igenom: 13 · Hålls inne: 1" in start.html
        texts = [screener.open(f"/drift/2022/fritext?nr={number}").html for number in range(1, 12)]
        kinds = {"namn", "telefonnummer", "e-postadress", "registreringsnummer", "adress"}
        assert {kind for one in texts for kind in re.findall(r'<mark title="([^"]+)"', one)} >= kinds
        municipality, _ = pages["kommun0187"]
        read = municipality.open("/kommun/0187/2022/egna-ord").html
    assert read.count("<li dir=") == 13 and read.count("[borttaget]") == 3
    assert "Påhittsson" not in read and "Hittepåsson" not in read


def test_it_leaves_a_signed_picture_and_a_draft_to_compare(demonstration: Path) -> None:
    with sqlite3.connect(demonstration / "survey.db") as opened:
        rows = opened.execute("SELECT wave_code, signed_at IS NOT NULL FROM situation_picture ORDER BY id")
        assert rows.fetchall() == [("2019", 1), ("2022", 0)]
        ((texts,),) = opened.execute("SELECT count(*) FROM picture_text WHERE text NOT LIKE 'Påhittad%'")
        assert texts == 0
    opened.close()
