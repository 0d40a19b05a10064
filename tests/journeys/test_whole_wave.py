"""One wave as its users live it: commands, a letter, an answer in Arabic, a release, a report."""

import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from survey.clock import today
from survey.collection import responses
from survey.config import Settings
from survey.database import Databases
from survey.models.case import Case
from survey.models.job import JobKind, JobState
from survey.models.release import Diagnostic, Estimate
from survey.preparation import jobs
from survey.questionnaire.definition import load
from survey.questionnaire.path import next_page, visible_questions

MUNICIPALITY = "0187"
AREAS = ("0187-01", "0187-02")
BANDS = ("16-19", "20-24", "25-29", "30-34", "35-44", "45-54", "55-64", "65-74", "75-84")
PERSONS_PER_CELL = 12
WAVE = "2026-11"
SIMULATED_ANSWERS = 119
PASSWORD = "en lång mening som bara jag vet"


@dataclass(frozen=True)
class Office:
    """Where the commands are run."""

    settings: Settings
    folder: Path
    address: str

    def trygg(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("trygg")), *arguments],
            cwd=self.folder,
            env={
                "PATH": "/usr/bin:/bin",
                "TRYGG_SURVEY_DATABASE": self.settings.survey_database,
                "TRYGG_IDENTITY_DATABASE": self.settings.identity_database,
                "TRYGG_SECRET_KEY": self.settings.secret_key,
                "TRYGG_OUTPUT": str(self.settings.output),
                "TRYGG_BASE_URL": self.address,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.settings.output.glob(pattern))


@pytest.fixture
def office(settings: Settings, tmp_path: Path, address: str) -> Office:
    return Office(settings, tmp_path, address)


def write_inputs(folder: Path) -> None:
    """A municipality with two areas, its population, and the register file that fits them."""
    (folder / "municipalities.csv").write_text(
        "municipality_code,municipality,county_code,county,police_region\n"
        f"{MUNICIPALITY},Vaxholm,01,Stockholms län,Stockholm\n"
    )
    (folder / "areas.csv").write_text(
        "area_code,municipality_code,name,valid_from,valid_to\n"
        + "".join(f"{area},{MUNICIPALITY},Område {i},2018-01-01,\n" for i, area in enumerate(AREAS, 1))
    )
    cells = [(gender, band) for gender in ("woman", "man") for band in BANDS]
    (folder / "population.csv").write_text(
        "reference_date,municipality_code,municipality,legal_gender,age_group,population\n"
        + "".join(
            f"2022-09-30,{MUNICIPALITY},Vaxholm,{gender},{band},{PERSONS_PER_CELL * len(AREAS)}\n"
            for gender, band in cells
        )
    )
    lines = [
        f"Test;Person;Provgatan {number};00001;Vaxholm;{MUNICIPALITY};{area};"
        f"{'K' if gender == 'woman' else 'M'};{band[:2]};N"
        for area in AREAS
        for gender, band in cells
        for number in range(1, PERSONS_PER_CELL + 1)
    ]
    header = "personid;fornamn;efternamn;adress;postnummer;postort;kommunkod;delomrade;kon;alder;skyddad\n"
    (folder / "register.csv").write_text(
        header + "".join(f"P{number:08d};{line}\n" for number, line in enumerate(lines, 1))
    )


def open_wave(office: Office) -> None:
    """Every step from empty databases to an open wave with letters."""
    write_inputs(office.folder)
    office.trygg("geography", "load", "municipalities.csv", "areas.csv")
    office.trygg("population", "load", "population.csv")
    start, end = today() - timedelta(days=7), today() + timedelta(days=7)
    office.trygg(
        *("wave", "create", WAVE, "--title", "Provmätning", "--population-date", "2022-09-30"),
        *("--field-start", str(start), "--field-end", str(end)),
        *("--sample-per-area", "80", "--seed", "7", "--synthetic"),
    )
    office.trygg("wave", "participation", WAVE, MUNICIPALITY, "--yes")
    office.trygg("wave", "load-frame", WAVE, "register.csv")
    office.trygg("wave", "draw-sample", WAVE, "register.csv")
    office.trygg("wave", "invite", WAVE, "--area", AREAS[0])
    office.trygg("wave", "open", WAVE)


def pdf_text(file: Path | bytes) -> str:
    document = pypdfium2.PdfDocument(file)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return text


def letter(office: Office) -> tuple[str, str]:
    """The code and the reference number of the last printed letter, read from the paper."""
    text = pdf_text(office.files(f"letters/{WAVE}/*.pdf")[0])
    code = re.findall(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b", text)[-1]
    return code, text


def let_others_answer(databases: Databases, number: int) -> None:
    """Other residents of the area without a letter, by the same functions as the web."""
    questionnaire = load("trygghet")
    with databases.reading() as session:
        people = session.scalars(select(Case.id).where(Case.area_code == AREAS[1]).order_by(Case.id)).all()
        more = session.scalars(select(Case.id).where(Case.area_code == AREAS[0]).order_by(Case.id)).all()
    chosen = [*people, *more][:number]
    for i, case_id in enumerate(chosen):
        with databases.transaction() as session:
            responses.begin(session, case_id, "sv", today())
            answers: dict[str, str] = {}
            while (page := next_page(questionnaire, answers)) is not None:
                sent = {
                    question.id: [question.options[(i + k) % len(question.options)].code]
                    for k, question in enumerate(visible_questions(page, answers))
                }
                state = responses.current(session, case_id)
                saved = responses.save_page(session, state, page.id, sent, state.version, "sv", today())
                assert not saved.faults
                answers = responses.current(session, case_id).answers
            responses.submit(session, case_id, responses.current(session, case_id).version, today())


def answer_in_arabic(page: Page, address: str, code: str) -> None:
    """From the first page to the receipt, without JavaScript."""
    page.goto(f"{address}/?language=ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.locator("input[name=code]").fill(code.lower().replace("-", " "))
    page.locator("main form button").first.click()
    page.wait_for_url("**/om")
    page.locator("main form button").first.click()
    seen = []
    while "/fraga/" in page.url:
        seen.append(page.url.rsplit("/", 1)[1])
        assert page.locator("html").get_attribute("lang") == "ar"
        for group in page.locator("fieldset.question").all():
            group.locator("label.option").first.click()
        page.locator("main form button").first.click()
    assert len(seen) == len(set(seen)) == len(load("trygghet").pages)
    assert page.url.endswith("/granska")
    page.locator("main form button").first.click()
    page.wait_for_url("**/tack")
    assert code not in page.content()


def municipality_pdf(page: Page, address: str, office: Office) -> bytes:
    """An invited municipality user chooses a password, logs in and downloads the report."""
    said = office.trygg(
        *("account", "invite", "trygg@vaxholm.example"), *("--role", "municipality"),
        *("--municipality", MUNICIPALITY),
    )  # fmt: skip
    page.goto(re.search(r"http\S+/aktivera/\S+", said)[0])  # type: ignore[index]
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=repeated]").fill(PASSWORD)
    page.locator("main form button").click()
    page.goto(f"{address}/inloggning")
    page.locator("input[name=email]").fill("trygg@vaxholm.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.goto(f"{address}/kommun/{MUNICIPALITY}/{WAVE}/")
    assert "SIMULERADE SVAR – INGET RESULTAT" in page.content()
    with page.expect_download() as download:
        page.locator("a[href$='rapport.pdf']").first.click()
    return Path(download.value.path()).read_bytes()


def newest_job(stores: Databases) -> tuple[JobKind, JobState]:
    with stores.reading() as session:
        newest = jobs.recent(session, WAVE, datetime.now(UTC))[0]
        return newest.kind, newest.state


def test_an_answer_given_in_arabic_is_counted_in_the_municipality_report(
    office: Office, sqlite_databases: Databases, browser: Browser
) -> None:
    open_wave(office)
    code, text = letter(office)
    assert "SIMULERADE SVAR" in text
    resident = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    answer_in_arabic(resident.new_page(), office.address, code)
    again = resident.new_page()
    again.goto(f"{office.address}/?language=sv")
    again.locator("input[name=code]").fill(code)
    again.locator("main form button").first.click()
    assert "redan använd" in again.content()
    resident.close()
    let_others_answer(sqlite_databases, SIMULATED_ANSWERS)

    office.trygg("wave", "close", WAVE, "--yes")
    office.trygg("wave", "process", WAVE)
    office.trygg("wave", "release", WAVE)
    assert newest_job(sqlite_databases) == (JobKind.WRITE_REPORTS, JobState.QUEUED)
    office.trygg("wave", "report", WAVE)
    assert newest_job(sqlite_databases) == (JobKind.WRITE_REPORTS, JobState.DONE)
    staff = browser.new_context(java_script_enabled=False, accept_downloads=True)
    report = municipality_pdf(staff.new_page(), office.address, office)
    staff.close()

    with sqlite_databases.reading() as session:
        diagnostic = session.scalars(
            select(Diagnostic).where(Diagnostic.municipality_code == MUNICIPALITY)
        ).one()
        shown = session.scalars(
            select(Estimate).where(
                Estimate.code == MUNICIPALITY,
                Estimate.gender == "all",
                Estimate.age_group == "all",
                Estimate.statistic == "proportion",
                Estimate.released,
            )
        ).all()
    assert diagnostic.responded == SIMULATED_ANSWERS + 1
    said = re.sub(r"\s+", " ", pdf_text(report).replace("\u00a0", " "))
    assert f"{SIMULATED_ANSWERS + 1} " in said
    assert "SIMULERADE SVAR – INGET RESULTAT" in said
    assert len(shown) >= 20
    for row in shown:
        percent, lower, upper = (f"{100 * value:.0f}" for value in (row.estimate, row.lower, row.upper))
        assert re.search(rf"\b{percent} ?%? ?\({lower}–{upper}\)", said), row.indicator
    assert office.files(f"reports/{WAVE}/{MUNICIPALITY}*SIMULERADE*.pdf")
    assert office.files(f"release/{WAVE}/*.csv")
