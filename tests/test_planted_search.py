"""One person's name, address, codes and answer, sought in all that the service shows, writes and keeps.

A whole wave is walked by command and by browser. Before and after the forgetting every page of every role,
every file, every byte of the databases and of copies of them, all that was logged and said is searched. What
is found is compared with the list of where it belongs.
"""

import logging
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import psycopg
import pypdfium2
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden, send
from planted import MOST_OF_A_KIND, Search, answer_of, crawl, endpoint_of
from psycopg import sql
from sqlalchemy import select
from staff import add_police, logged_in
from stored_rows import stored_rows

from survey import create_app
from survey.cli import main
from survey.clock import today
from survey.collection import forgetting, responses, text_screening
from survey.config import Settings
from survey.credentials import hash_token
from survey.database import Databases
from survey.models.case import Case
from survey.models.invitation import Invitation
from survey.models.wave import Wave
from survey.notice import NOTICE
from survey.pace import Pace
from survey.permissions import ROLES
from survey.preparation.population import AGE_GROUPS, GENDERS
from survey.questionnaire import definition
from survey.questionnaire.path import next_page, path, visible_questions

WAVE, OWN, OTHER = "2026-11", "0187", "0186"
AREAS = {f"{OWN}-01": 1, f"{OWN}-02": 3, f"{OTHER}-01": 3}  # persons in each sex and age group
NAME, STREET, ANSWER = "Plantagenetström", "Plantgränden 4711", "kvastkod7731"
WORDED = "Kvastskaftsvalet"  # what the answer is called
WRITTEN = "Planteradsson"  # what the planted person writes in their own words
QUESTIONNAIRE = f"""
name: planterad
core: trygghet
title: Planterade frågor
pages:
  - id: planterad_sida
    title: En fråga till
    questions:
      - id: planterad_fraga
        text: Vilket väljer du?
        options:
          - {{code: "1", text: Det vanliga}}
          - {{code: "{ANSWER}", text: {WORDED}}}
          - {{code: "9", text: Vill inte svara, kind: refused}}
      - id: planterad_text
        text: Vad vill du säga?
        free_text: 200
"""


@dataclass
class Office:
    """One installation with its operator, residents and staff, and all that was said to the operator."""

    app: Flask
    settings: Settings
    folder: Path
    said: str = ""

    @property
    def databases(self) -> Databases:
        found: Databases = self.app.extensions["databases"]
        return found

    def trygg(self, *arguments: str) -> None:
        environment = {
            "TRYGG_SURVEY_DATABASE": self.settings.survey_database,
            "TRYGG_IDENTITY_DATABASE": self.settings.identity_database,
            "TRYGG_OUTPUT": str(self.settings.output),
            "TRYGG_BASE_URL": "http://localhost",
        }
        done = CliRunner().invoke(main, arguments, env=environment)
        assert done.exit_code == 0, done.output
        self.said += done.output


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A library with one set of local questions more; everything is logged."""
    caplog.set_level(logging.INFO)
    folder = tmp_path / "library"
    shutil.copytree(definition.ADDITIONS, folder)
    (folder / "planterad.yaml").write_text(QUESTIONNAIRE, encoding="utf-8")
    monkeypatch.setattr(definition, "ADDITIONS", folder)
    # Every role reads every page from one network: a walk that is slowed down would see less.
    monkeypatch.setattr("survey.readers.OF_NETWORK", Pace(1_000_000, 0.5))


@pytest.fixture
def office(app: Flask, settings: Settings, tmp_path: Path, library: None) -> Office:
    """An empty installation."""
    return Office(app, settings, tmp_path)


def write_inputs(folder: Path) -> None:
    """Two municipalities, their population, and a register where all of one area have the planted name."""
    (folder / "municipalities.csv").write_text(
        "municipality_code,municipality,county_code,county,police_region\n"
        f"{OWN},Vaxholm,01,Stockholms län,Stockholm\n{OTHER},Lidingö,01,Stockholms län,Stockholm\n"
    )
    (folder / "areas.csv").write_text(
        "area_code,municipality_code,name,valid_from,valid_to\n"
        + "".join(f"{area},{area[:4]},Område {area[-1]},2018-01-01,\n" for area in AREAS)
    )
    cells = [(gender, band) for gender in GENDERS for band in AGE_GROUPS if int(band[:2]) >= 16]
    counts = {
        owner: sum(number for area, number in AREAS.items() if area[:4] == owner) for owner in (OWN, OTHER)
    }
    (folder / "population.csv").write_text(
        "reference_date,municipality_code,municipality,legal_gender,age_group,population\n"
        + "".join(
            f"2022-09-30,{owner},{owner},{gender},{band},{counts[owner]}\n"
            for owner in counts
            for gender, band in cells
        )
    )
    lines = [
        (area, f"{'K' if gender == 'woman' else 'M'};{band[:2]};N")
        for area, number in AREAS.items()
        for gender, band in cells
        for _ in range(number)
    ]
    header = "personid;fornamn;efternamn;adress;postnummer;postort;kommunkod;delomrade;kon;alder;skyddad\n"
    people = [
        f"P{number:08d};Test;{NAME if area == f'{OWN}-01' else 'Vanlig'};"
        f"{STREET if area == f'{OWN}-01' else 'Vanliga vägen 1'};00001;Vaxholm;{area[:4]};{area};{rest}\n"
        for number, (area, rest) in enumerate(lines, 1)
    ]
    (folder / "register.csv").write_text(header + "".join(people), encoding="utf-8")


def open_wave(office: Office) -> None:
    """From empty databases to an open wave with letters; the register is the operator's own and put away."""
    write_inputs(office.folder)
    files = {name: str(office.folder / f"{name}.csv") for name in ("municipalities", "areas", "population")}
    register = str(office.folder / "register.csv")
    office.trygg("geography", "load", files["municipalities"], files["areas"])
    office.trygg("population", "load", files["population"])
    start, end = today() - timedelta(days=7), today() + timedelta(days=7)
    office.trygg(
        *("wave", "create", WAVE, "--title", "Provmätning", "--population-date", "2022-09-30"),
        *("--field-start", str(start), "--field-end", str(end), "--sample-per-area", "50", "--synthetic"),
    )
    office.trygg("wave", "participation", WAVE, OWN, OTHER, "--yes")
    office.trygg("questionnaire", "add", WAVE, OWN, "planterad")
    office.trygg("wave", "load-frame", WAVE, register)
    office.trygg("wave", "draw-sample", WAVE, register)
    office.trygg("wave", "invite", WAVE, "--area", f"{OWN}-01")
    office.trygg("wave", "open", WAVE)
    (office.folder / "register.csv").unlink()


def read_letter(office: Office) -> tuple[str, str, str]:
    """Code and token of the last letter as its reader finds them, and whose reference number it has."""
    (file,) = office.settings.output.glob(f"letters/{WAVE}/*.pdf")
    document = pypdfium2.PdfDocument(file)
    page = document[len(document) - 1]
    text = page.get_textpage().get_text_bounded()
    picture = np.ascontiguousarray(page.render(scale=200 / 72).to_numpy())
    address, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    document.close()
    code = re.findall(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b", text)[-1]
    token = address.rsplit("/", 1)[1]
    with office.databases.reading() as session:
        of_letter = select(Case.reference).join(Invitation, Invitation.case_id == Case.id)
        reference = session.scalars(of_letter.where(Invitation.qr_hash == hash_token(token))).one()
    return code, token, reference


def answer_planted(office: Office, code: str, token: str, search: Search) -> None:
    """The planted person follows the QR code, comes back with the typed one and hands in, page by page."""
    client = office.app.test_client()

    def look(address: str) -> None:
        with client.get(address) as page:
            search.look(f"own page {endpoint_of(office.app, address)}", answer_of(page))

    look(f"/s/{token}")
    search.look("own page resident.enter_by_letter", answer_of(send(client, f"/s/{token}")))
    client.post("/lamna", data=hidden(client.get("/om")))
    search.look("own page resident.enter", answer_of(send(client, "/", {"code": code})))
    search.look("own page resident.enter, wrong", answer_of(send(client, "/", {"code": code[:-1]})))
    look("/om")
    send(client, "/om")
    for page in path(definition.load("trygghet+planterad"), {}):
        look(f"/fraga/{page.id}")
        own = {"planterad_fraga": ANSWER, "planterad_text": f"Min granne {WRITTEN} stör."}
        chosen = own if page.id == "planterad_sida" else {}
        search.look("own page resident.save", answer_of(send(client, f"/fraga/{page.id}", chosen)))
    look("/granska")
    assert send(client, "/granska").status_code == 303
    look("/tack")
    look(f"/s/{token}")


def let_others_answer(databases: Databases) -> None:
    """Nine of ten of everybody else, by the same functions as the web."""
    with databases.reading() as session:
        cases = session.execute(
            select(Case.id, Case.area_code).where(Case.area_code != f"{OWN}-01").order_by(Case.id)
        ).all()
    for number, (case_id, area) in enumerate(cases):
        questionnaire = definition.load("trygghet+planterad" if area[:4] == OWN else "trygghet")
        with databases.transaction() as session:
            responses.begin(session, case_id, "sv", today())
            answers: dict[str, str] = {}
            while (page := next_page(questionnaire, answers)) is not None:
                sent = {
                    question.id: [
                        "1"
                        if question.id == "planterad_fraga"
                        else "Fler lampor."
                        if question.free_text
                        else question.codes[(number + place) % 4 % len(question.codes)]
                    ]
                    for place, question in enumerate(visible_questions(page, answers))
                }
                responses.answer_pages(session, case_id, [(page.id, sent)], "sv", today())
                answers = responses.current(session, case_id).answers
            responses.submit(session, case_id, responses.current(session, case_id).version, today())


def pass_the_others(databases: Databases) -> None:
    """Let through what everybody else wrote; the planted text is left waiting."""
    with databases.transaction() as session:
        position = 0
        while (text := text_screening.text_at(session, WAVE, "waiting", position)) is not None:
            if WRITTEN in "".join(piece.text for piece in text.pieces):
                position += 1
            else:
                text_screening.decide(session, WAVE, text.id, "passed", text.suggestion, "screener")


def search_all(
    office: Office, clients: Mapping[str, FlaskClient], search: Search, reference: str, log: str, most: int
) -> None:
    """Every page of every role, every file, what was logged and said."""
    values = {
        "municipality_code": (OWN, OTHER),
        "wave_code": (WAVE,),
        "table": ("estimates", "changes", "diagnostics", "response_rates"),
        "core": ("trygghet",),
        "language_code": ("sv",),
        "page_id": ("planterad_sida",),
        "token": ("unknown",),
    }
    preview = "/analys/formular/trygghet/sv/{}?egna=planterad"
    before = stored_rows(office.databases)
    for role, client in clients.items():
        first = [preview.format(""), *([preview.format("formular.pdf")] if role == "print" else [])]
        for place, content in crawl(office.app, client, values, first, most):
            search.look(place, content)
            if b"<main" in content and NOTICE.encode() not in content:
                search.unmarked.add(place)
    assert stored_rows(office.databases) == before  # whatever is opened, by whomever
    desk = clients["help_desk"]
    with desk.post("/drift/stod", data={**hidden(desk.get("/drift/stod")), "reference": reference}) as page:
        search.look("page admin.find_case", answer_of(page))
    write_out(office)
    search.look_at_files(office.folder, PLACES)
    search.look("log", log.encode())
    search.look("said to the operator", office.said.encode())


PLACES = {
    r"^library/": "library",
    r"^survey\.db": "survey database",
    r"^identity\.db": "identity database",
    r"^backup/survey": "backup of the survey database",
    r"^backup/identity": "backup of the identity database",
    r"^output/letters/.*pdf$": "letters",
}
# Where a question stands with all its answers, whoever gave them.
OFFERED = {
    "own page resident.question",
    "page analyst.questionnaire",
    "library",
}
BEFORE = {
    "name": {"identity database", "letters"},
    "address": {"identity database", "letters"},
    "code": {"letters"},
    "token": {"own page resident.landing"},
    "answer": {"survey database", *OFFERED},
    "worded": {
        "library",
        "own page resident.question",
        "own page resident.review",
        "page analyst.questionnaire",
    },
    "written": {"survey database"},
}
AFTER = {
    "name": {"backup of the identity database"},
    "address": {"backup of the identity database"},
    "answer": {"survey database", "backup of the survey database", *OFFERED} - {"own page resident.question"},
    "worded": {"library", "page analyst.questionnaire"},
    # Waiting to be read by the screener, who alone may; the municipality reads what others wrote.
    "written": {"survey database", "backup of the survey database", "page admin.screening"},
}
# Pages that show nothing of a wave, and so are not marked as simulated.
OF_NO_WAVE = {"page admin.new_wave", "page municipality.sources"}
UNMARKED_BEFORE = OF_NO_WAVE | {"page analyst.bench"}
UNMARKED_AFTER = OF_NO_WAVE | {  # residents' pages when no wave is open
    "page partners.open_sources",
    "page public.accessibility",
    "page public.letter",
    "page public.personal_data",
    "page resident.landing",
    "page resident.open_landing",
    "page resident.start",
    "page resident.withdrawal_by_letter_page",
    "page resident.withdrawal_page",
}


def write_out(office: Office) -> None:
    """All rows of a database that is no file of ours, as a file in its place."""
    for name in ("survey", "identity"):
        url = getattr(office.settings, f"{name}_database")
        if not url.startswith("postgresql"):
            continue
        with psycopg.connect(url) as database, (office.folder / f"{name}.db").open("wb") as file:
            listed = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            for (table,) in database.execute(listed).fetchall():
                statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
                with database.cursor().copy(statement) as rows:
                    file.writelines(rows)


def test_what_is_planted_is_found_where_it_belongs_and_nowhere_else(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    walk_and_search(office, caplog, most=2)


@pytest.mark.long
def test_what_is_planted_is_found_where_it_belongs_on_postgresql_too(
    postgresql_settings: Settings,
    tmp_path: Path,
    library: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = create_app(postgresql_settings)
    app.testing = True
    try:
        walk_and_search(Office(app, postgresql_settings, tmp_path), caplog, most=MOST_OF_A_KIND)
    finally:
        app.extensions["databases"].dispose()


def walk_and_search(office: Office, caplog: pytest.LogCaptureFixture, most: int) -> None:
    """One whole wave; of each kind of page so many are opened."""
    open_wave(office)
    code, token, reference = read_letter(office)
    secrets = {
        "name": (NAME,),
        "address": (STREET,),
        "code": (code, code.replace("-", "")),
        "token": (token,),
        "answer": (ANSWER,),
        "worded": (WORDED,),
        "written": (WRITTEN,),
    }
    search = Search(secrets)
    let_others_answer(office.databases)
    answer_planted(office, code, token, search)
    clients = {"resident": office.app.test_client(), "another municipality": logged_in(office.app, OTHER)}
    clients |= {
        role: logged_in(office.app, OWN if role == "municipality" else None, role=role)
        for role in ROLES
        if role != "police"
    }
    clients["police"] = add_police(office.app, "L1", OWN)
    search_all(office, clients, search, reference, caplog.text, most)
    assert dict(search.found) == BEFORE
    assert search.unmarked == UNMARKED_BEFORE

    (office.folder / "backup").mkdir()
    for name in ("survey", "identity"):
        for file in office.folder.glob(f"{name}.db*"):  # with what is still to be written into it
            shutil.copy(file, office.folder / "backup" / file.name)
    office.trygg("wave", "close", WAVE, "--yes")
    with office.databases.transaction() as session:
        session.get_one(Wave, WAVE).field_end = today() - timedelta(days=1)  # the planned last day has passed
    for act in ("contacts", "links"):
        with office.databases.transaction() as session:
            forgetting.request(session, WAVE, act, "2026/17-4", "one")
        forgetting.carry_out(office.databases, WAVE, act, office.settings.output, "another")
    office.trygg("wave", "process", WAVE)
    office.trygg("wave", "release", WAVE)
    office.trygg("wave", "report", WAVE)
    pass_the_others(office.databases)
    exported = ("--analyst", "analytiker@example.se", "--decision", "2026/17-5")
    office.trygg("wave", "microdata", WAVE, str(office.folder / "uttag.csv"), *exported)
    later = Search(secrets)
    search_all(office, clients, later, reference, caplog.text, most)
    assert dict(later.found) == AFTER
    assert later.unmarked == UNMARKED_AFTER
    assert set(later.looked_at) >= LOOKED_AT, LOOKED_AT - set(later.looked_at)


LOOKED_AT = {
    "page municipality.result",
    "page municipality.own_words",
    "page municipality.fieldwork",
    "page municipality.table",
    "page municipality.report_file",
    "page analyst.table",
    "page admin.wave",
    "page admin.audit_log",
    "page admin.find_case",
    "page resident.start",
    "page analyst.questionnaire_form",
    "uttag-SIMULERADE-SVAR.csv",
    "uttag-SIMULERADE-SVAR-kodbok.csv",
    f"output/release/{WAVE}/{WAVE}-estimates-SIMULERADE-SVAR.csv",
    f"output/reports/{WAVE}/{OWN}-vaxholm-SIMULERADE-SVAR.pdf",
}
