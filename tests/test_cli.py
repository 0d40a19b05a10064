"""The command line: a wave walked by hand, errors without traceback, help that reads like the flow."""

import errno
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from drawn_borders import by_code, square
from imported_bundle import MUNICIPALITIES, write, write_bundle
from sqlalchemy import select

from survey import clock
from survey.cli import console, main
from survey.collection import responses
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case
from survey.preparation import accounts
from survey.preparation.population import AGE_GROUPS, GENDERS, bounds
from survey.questionnaire.definition import ADDITIONS, LIBRARY, load
from survey.questionnaire.path import path

Run = Callable[..., Result]
STEPS = [
    "create",
    "invite-municipalities",
    "participation",
    "recut",
    "allow-incomplete",
    "check-frame",
    "load-frame",
    "plan",
    "draw-sample",
    "calendar",
    "invite",
    "remind",
    "check-letters",
    "returned",
    "open",
    "snapshot",
    "open-link",
    "list",
    "status",
    "close",
    "void",
    "forget",
    "process",
    "release",
    "approve",
    "embargo",
    "report",
    "microdata",
    "import",
]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `trygg` with an installation of its own under a temporary folder."""
    environment = {
        "TRYGG_SURVEY_DATABASE": f"sqlite:///{tmp_path}/survey.db",
        "TRYGG_IDENTITY_DATABASE": f"sqlite:///{tmp_path}/identity.db",
        "TRYGG_OUTPUT": str(tmp_path),
        "TRYGG_BASE_URL": "https://trygg.example.se",
    }
    return lambda *arguments: CliRunner().invoke(main, arguments, env=environment)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Municipality, areas, population and register of Ekerö in miniature."""
    (tmp_path / "municipalities.csv").write_text(
        "municipality_code,municipality,county_code,county,police_region\n"
        "0125,Ekerö,01,Stockholms län,Stockholm\n0140,Nykvarn,01,Stockholms län,Stockholm\n"
    )
    (tmp_path / "areas.csv").write_text(
        "area_code,municipality_code,name,valid_from,valid_to\n0125-01,0125,Område 1,2018-01-01,\n"
    )
    population = ["reference_date,municipality_code,municipality,legal_gender,age_group,population"]
    register = ["personid;fornamn;efternamn;adress;postnummer;postort;kommunkod;delomrade;kon;alder;skyddad"]
    for gender, letter in zip(GENDERS, "KM", strict=True):
        for age_group in AGE_GROUPS:
            population.append(f"2026-09-30,0125,Ekerö,{gender},{age_group},1")
            register.append(
                f"P{len(register)};Anna;Hemlig;Provgatan 1;01234;Ekerö;0125;0125-01;{letter};"
                f"{bounds(age_group)[0]};N"
            )
    (tmp_path / "population.csv").write_text("\n".join(population) + "\n")
    (tmp_path / "register.csv").write_text("\n".join(register) + "\n")
    return tmp_path


@pytest.fixture
def prepared(run: Run, files: Path) -> Iterator[Run]:
    """A planned wave of which Ekerö is part."""
    for step in (
        ("database", "upgrade"),
        ("geography", "load", f"{files}/municipalities.csv", f"{files}/areas.csv"),
        ("population", "load", f"{files}/population.csv"),
        (
            *("wave", "create", "2026", "--title", "Trygghetsmätning 2026", "--synthetic"),
            *("--population-date", "2026-09-30", "--sample-per-area", "3"),
            *("--field-start", "2020-01-01", "--field-end", "2099-12-31"),
        ),
        ("wave", "participation", "2026", "0125", "--yes"),
        ("wave", "participation", "2026", "0140", "--no"),
    ):
        result = run(*step)
        assert result.exit_code == 0, result.output
    yield run


def stores(folder: Path) -> Databases:
    return Databases.connect(
        Settings(
            survey_database=f"sqlite:///{folder}/survey.db",
            identity_database=f"sqlite:///{folder}/identity.db",
        )
    )


def answer(folder: Path) -> str:
    """One resident begins and hands in; the reference number."""
    databases = stores(folder)
    with databases.transaction() as session:
        case = session.scalars(select(Case).limit(1)).one()
        pages = [(page.id, dict[str, list[str]]()) for page in path(load("trygghet"), {})]
        responses.begin(session, case.id, "sv", clock.today())
        responses.answer_pages(session, case.id, pages, "sv", clock.today())
        responses.submit(session, case.id, len(pages), clock.today())
        reference = case.reference
    databases.dispose()
    return reference


def test_an_open_link_is_shut_until_the_operator_opens_it(prepared: Run) -> None:
    assert prepared("wave", "open-link", "2026").stdout == ""
    opened = prepared("wave", "open-link", "2026", "0125", "--on")
    assert (opened.exit_code, opened.stdout.endswith("/oppen/2026/0125  öppen, 0 svar\n")) == (0, True)
    assert "stängd, 0 svar" in prepared("wave", "open-link", "2026", "0125", "--off").stdout
    for wrong in (("2026", "0125"), ("2026", "--on"), ("2026", "0140", "--on"), ("1999", "0125", "--on")):
        refused = prepared("wave", "open-link", *wrong)
        assert refused.exit_code == 2
        assert "Fel: " in refused.stderr


def test_a_wave_walks_from_register_to_close(prepared: Run, files: Path) -> None:
    def step(*arguments: str) -> str:
        result = prepared("wave", *arguments)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    register = f"{files}/register.csv"
    checked = step("check-frame", "2026", register)
    assert "csv, UTF-8, semikolon" in checked
    assert "Filen kan läsas in." in checked
    assert "planerad" in step("list")
    assert "18 personer i urvalsramen" in step("load-frame", "2026", register)
    assert "3 av 18 dragna i 1 delområden" in step("draw-sample", "2026", register)
    assert "3 brev i" in step("invite", "2026")
    assert "0 brev i" in step("invite", "2026", "--area", "0125-01")
    assert "är öppen" in step("open", "2026")
    reference = answer(files)
    status = step("status", "2026")
    for row in ("Dragna +3", "Har fått brev +3", "Har lämnat in +1", "Simulerade svar +ja"):
        assert re.search(row, status), status
    assert "öppen för svar" in step("list")
    asked = prepared("case", "show", reference, "--yes")
    assert asked.exit_code == 0, asked.output
    for row in ("Namn: Anna Hemlig", "Juridiskt kön: ", "Läge: Har lämnat in", " inget svar"):
        assert row in asked.stdout
    assert prepared("case", "show", reference).exit_code == 1  # nobody has said that the person asks
    withdrawn = prepared("case", "withdraw", reference)
    assert (withdrawn.exit_code, withdrawn.stdout) == (0, "Svaret är borttaget.\n")
    assert "är stängd med 0 svar av 3" in step("close", "2026")
    assert (files / "letters" / "2026" / "0125-01-SIMULERADE-SVAR.pdf").exists()


def test_a_plan_is_tried_and_then_decided(prepared: Run, files: Path) -> None:
    assert "ingen urvalsram än" in prepared("wave", "plan", "2026").stderr
    prepared("wave", "load-frame", "2026", f"{files}/register.csv")
    shown = prepared("wave", "plan", "2026")
    assert re.search(r"0125 Ekerö +18 +3 +1 ", shown.stdout), shown.output
    tried = prepared("wave", "plan", "2026", "--n", "6", "--young", "2", "--rate", "0.5")
    assert re.search(r"  0125-01 Område 1 +18 +6 +3 ", tried.stdout), tried.output
    assert "Ingenting är ändrat." in tried.stdout
    assert "Planen är bestämd." in prepared("wave", "plan", "2026", "--n", "6", "--store").stdout
    assert "6 av 18 dragna" in prepared("wave", "draw-sample", "2026", f"{files}/register.csv").stdout
    for wrong in (
        ("--store",),
        ("--rule", "random"),
        ("--area", "0125-01"),
        ("--n", "0"),
        ("--area", "x=nan"),
    ):
        refused = prepared("wave", "plan", "2026", *wrong)
        assert refused.exit_code == 2
        assert "Fel: " in refused.stderr


def test_a_voided_wave_stays_in_the_list_and_the_worker_has_nothing_to_do(prepared: Run) -> None:
    assert "är makulerad" in prepared("wave", "void", "2026", "--reason", "fel år").stdout
    assert "makulerad" in prepared("wave", "list").stdout
    done = prepared("worker", "--once")
    assert (done.exit_code, done.output) == (0, "")


def test_every_step_is_logged_with_its_actor(prepared: Run, files: Path) -> None:
    prepared("wave", "load-frame", "2026", f"{files}/register.csv")
    databases = stores(files)
    with databases.reading() as session:
        events = list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))
    databases.dispose()
    assert [event.action for event in events] == [
        "load municipalities",
        "load areas",
        "load population",
        "create wave",
        "participation",
        "participation",
        "load frame",
    ]
    assert all("kommandorad" in event.actor for event in events)
    assert not any("Hemlig" in event.detail for event in events)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("wave", "open", "1999"), "Omgången '1999' finns inte. Omgångar som finns: 2026."),
        (("wave", "open", "2026"), "har läget ”planerad”, men steget kräver"),
        (("wave", "close", "2026"), "har läget ”planerad”, men steget kräver"),
        (("wave", "invite", "2026"), "är inte med i omgången"),
        (("wave", "check-frame", "2026", "nowhere.csv"), "kan inte läsas"),
        (("wave", "void", "2026", "--reason", " "), "Skriv varför"),
        (("wave", "load-frame", "2026", "nowhere.csv"), "kan inte läsas"),
        (("case", "withdraw", "123"), "finns inte"),
        (("case", "show", "123", "--yes"), "finns inte"),
        (("do-not-contact", "remove"), "TRYGG_DO_NOT_CONTACT_KEY saknas"),
        (("account", "invite", "x", "--role", "analyst"), "ingen e-postadress"),
        (("wave", "participation", "2026", "9999", "--yes"), "'9999'"),
    ],
)
def test_an_error_is_one_message_on_the_error_stream_with_exit_code_2(
    prepared: Run, arguments: tuple[str, ...], told: str
) -> None:
    result = prepared(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.startswith("Fel: ")
    assert result.stdout == ""
    assert "Traceback" not in result.output


def test_a_faulty_register_leaves_nothing_half_written(prepared: Run, files: Path) -> None:
    register = files / "register.csv"
    register.write_text(register.read_text().replace(";M;75;N", ";M;99;N"))
    result = prepared("wave", "load-frame", "2026", str(register))
    assert result.exit_code == 2
    assert "ålder utanför omgångens åldrar 16–84: '99' på rad 19; 1 rader" in result.stderr
    assert "planerad" in prepared("wave", "status", "2026").stdout


def test_a_sample_from_another_file_leaves_nothing_in_either_database(prepared: Run, files: Path) -> None:
    register = files / "register.csv"
    prepared("wave", "load-frame", "2026", str(register))
    register.write_text(register.read_text().replace("Anna", "Eva"))
    assert "inte den som urvalsramen" in prepared("wave", "draw-sample", "2026", str(register)).stderr
    assert b"Hemlig" not in b"".join(file.read_bytes() for file in files.glob("identity.db*"))


@pytest.fixture
def elsewhere(run: Run, tmp_path: Path) -> Path:
    """A bundle of files, and an installation that knows its municipalities and areas."""
    places = [(code, f"Kommun {code}", "01", "Stockholms län", "Stockholm") for code in MUNICIPALITIES]
    areas = [
        (f"{code}-{n:02}", code, f"Område {n}", "2018-01-01", "") for code in MUNICIPALITIES for n in (1, 2)
    ]
    columns = "municipality_code municipality county_code county police_region"
    municipalities = write(tmp_path / "municipalities.csv", columns, places)
    write(tmp_path / "areas.csv", "area_code municipality_code name valid_from valid_to", areas)
    assert run("database", "upgrade").exit_code == 0
    assert run("geography", "load", str(municipalities), f"{tmp_path}/areas.csv").exit_code == 0
    return write_bundle(tmp_path / "bundle")


IMPORT = (
    *("--title", "Mätning 2021", "--source", "Kommunerna", "--population-date", "2021-09-30"),
    *("--field-start", "2021-10-01", "--field-end", "2021-11-30", "--synthetic"),
)


def test_a_wave_from_elsewhere_is_tried_and_then_taken_in(run: Run, elsewhere: Path) -> None:
    for options, last in ((("--dry-run",), "Inget är sparat"), ((), "Omgången 2021 är importerad.")):
        result = run("wave", "import", str(elsewhere), *IMPORT, *options)
        assert result.exit_code == 0, result.output
        assert "480 svar av 960 dragna i 3 kommuner och 6 delområden." in result.stdout
        assert "Frågor som inte jämförs (avbrott): worry_burglary" in result.stdout
        assert "Items som inte togs in: weather" in result.stdout
        assert last in result.stdout
    status = run("wave", "status", "2021").stdout
    for row in (
        "Status +stängd",
        "Simulerade svar +ja",
        "Dragna +960",
        "Har lämnat in +480",
        "från +Kommunerna",
    ):
        assert re.search(row, status), status
    again = run("wave", "import", str(elsewhere), *IMPORT)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "redan importerad ur samma filer" in again.stderr


def test_a_mapping_to_fill_in_is_written_without_a_database(run: Run, tmp_path: Path) -> None:
    result = run("wave", "import", str(write_bundle(tmp_path / "bundle")), "--template")
    assert result.exit_code == 0
    assert result.stdout.startswith("item,question,code,option,comparable,note\ndrugs,,a,,,\n")


def test_an_import_without_its_dates_is_told_which(run: Run, elsewhere: Path) -> None:
    result = run("wave", "import", str(elsewhere), "--title", "x")
    assert result.exit_code == 2
    assert "Saknas: --source, --population-date, --field-start, --field-end" in result.stderr


def test_published_figures_are_taken_in_and_given_out(run: Run, elsewhere: Path) -> None:
    columns = "wave geography code gender age_group indicator statistic estimate source"
    row = ("2019", "municipality", "0180", "all", "all", "problem_drugs", "proportion", "0.31", "Rapport")
    path = write(elsewhere / "published.csv", columns, [row])
    result = run("series", "import", str(path))
    assert result.exit_code == 0, result.output
    assert "1 siffror från 2019 är inlästa." in result.stdout
    given = run("series", "export").stdout.splitlines()[1]
    assert given == "2019,municipality,0180,all,all,problem_drugs,proportion,0.31,,,,,Rapport"
    assert run("series", "import", str(path)).exit_code == 2


def test_a_folder_that_is_no_bundle_is_told(run: Run, elsewhere: Path) -> None:
    (elsewhere / "strata.csv").unlink()
    result = run("wave", "import", str(elsewhere), *IMPORT)
    assert result.exit_code == 2
    assert "strata.csv: found no such file" in result.stderr


def test_databases_that_were_never_made_are_told(run: Run) -> None:
    result = run("wave", "list")
    assert result.exit_code == 2
    assert "trygg database upgrade" in result.stderr


def test_a_database_that_cannot_be_reached_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "survey.db").mkdir()
    result = run("wave", "list")
    assert result.exit_code == 2
    assert "Databasen går inte att använda" in result.stderr


def test_a_file_that_is_no_database_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "survey.db").write_text("a shopping list, long enough to have a header" * 9)
    result = run("wave", "list")
    assert result.exit_code == 2
    assert "Databasen går inte att använda" in result.stderr


def test_a_fault_of_the_program_is_not_dressed_up_as_the_users(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Settings:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Settings, "from_environment", broken)
    assert isinstance(run("wave", "list").exception, RuntimeError)


def test_an_error_of_the_statistics_is_told_like_any_other() -> None:
    from analysis.errors import InputError

    error = InputError("strata.csv", 3, "population", "-1", "0 or larger")
    assert console.explain(error) == str(error)
    assert console.explain(UserError("så här")) == "så här"
    assert console.explain(ValueError("bug")) is None
    assert console.explain(OSError(errno.ENOSPC, "No space left")) == (
        "Datorn kunde inte läsa eller skriva en fil: disken är full."
    )


def test_borders_are_loaded_or_all_that_is_wrong_with_them_is_told(run: Run, files: Path) -> None:
    run("database", "upgrade")
    run("geography", "load", f"{files}/municipalities.csv", f"{files}/areas.csv")
    borders = files / "borders.geojson"
    for kind, codes, told in (
        ("municipality", ("0125", "0140"), "Gränser för 2 kommuner"),
        ("area", ("0125-01",), "Gränser för 1 delområden"),
    ):
        borders.write_bytes(by_code({code: square(column) for column, code in enumerate(codes)}))
        assert told in run("geography", "load-borders", str(borders), "--kind", kind).stdout
    borders.write_bytes(by_code({"0199": square(0), "Åre": square(1)}))
    refused = run("geography", "load-borders", str(borders), "--kind", "municipality")
    assert (refused.exit_code, refused.stderr.count("är ingen kommun som är inläst")) == (2, 2)
    missing = run("geography", "load-borders", f"{files}/none", "--kind", "area", "--day", "2020-01-01")
    assert "kan inte öppnas" in missing.stderr


def test_help_lists_the_steps_in_the_order_of_the_flow(run: Run) -> None:
    def listed(*arguments: str) -> list[str]:
        commands = run(*arguments, "--help").stdout.split("Commands:")[1]
        return re.findall(r"^  ([a-z-]+)  ", commands, re.MULTILINE)

    groups = ["database", "geography", "population", "questionnaire", "language"]
    groups += ["account", "wave", "table", "series", "source", "promise", "api-token", "case"]
    groups += ["do-not-contact", "serve", "worker", "demo"]
    assert listed() == groups
    assert listed("questionnaire") == ["check", "add"]
    assert listed("language") == ["list", "update"]
    assert listed("wave") == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_every_step_explains_itself(run: Run, step: str) -> None:
    result = run("wave", step, "--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) >= 6


def test_the_databases_are_written_anew_on_demand(prepared: Run) -> None:
    assert "omskrivna" in prepared("database", "write-anew").stdout


def test_an_account_gets_a_link_to_activate(prepared: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "survey.db")) as database:
        assert database.execute("SELECT count(*) FROM account").fetchone() == (0,)
    result = prepared("account", "invite", "a@example.se", "--role", "municipality", "--municipality", "0125")
    assert result.exit_code == 0
    assert re.search(r"^https://trygg\.example\.se/aktivera/[\w-]{22}$", result.stdout, re.MULTILINE)


def test_long_work_shows_a_bar_for_each_label_and_ends_at_all_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with console.progress_bars() as bars:
        for done in (1, 2):
            bars("läser", done, 2)
        bars("skriver", 5, 5)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "läser" in shown.err
    assert "skriver" in shown.err


def test_serving_without_a_secret_is_told_before_the_server_starts(run: Run) -> None:
    result = run("serve")
    assert result.exit_code == 2
    assert "TRYGG_SECRET_KEY" in result.stderr


def test_a_questionnaire_without_faults_is_said_to_be_so(run: Run) -> None:
    for file in (LIBRARY / "trygghet.yaml", LIBRARY / "indicators.yaml", ADDITIONS / "skargard.yaml"):
        result = run("questionnaire", "check", str(file))
        assert (result.exit_code, result.stdout) == (0, f"{file.name} är utan fel.\n")


def test_every_fault_of_a_questionnaire_is_listed_with_file_and_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "egna.yaml"
    text = (ADDITIONS / "skargard.yaml").read_text(encoding="utf-8")
    text = text.replace("title: Båtar och hamnar\n", "title: Båtar och bryggor\n")
    text = text.replace('show_if: {skargard_theft: ["1"]}', 'show_if: {skargard_gone: ["1"]}')
    file.write_text(text, encoding="utf-8")
    result = run("questionnaire", "check", str(file))
    assert result.exit_code == 1
    page, filtered = (
        next(number for number, row in enumerate(text.splitlines(), 1) if words in row)
        for words in ("- id: skargard_boats", "- id: skargard_times")
    )
    assert result.stdout.splitlines() == [
        f"egna.yaml: line {filtered}, page 'skargard_theft_details', question 'skargard_times', show_if: "
        "the question 'skargard_gone' does not exist",
        f"egna.yaml: line {page}, page 'skargard_boats': "
        "no translation to sv-x-ll, en, ar: 'Båtar och bryggor'",
    ]
    assert "2 fel i egna.yaml." in result.stderr


def test_a_file_that_is_not_there_is_told_without_a_trace(run: Run, tmp_path: Path) -> None:
    result = run("questionnaire", "check", str(tmp_path / "borta.yaml"))
    assert result.exit_code == 2
    assert "borta.yaml" in result.stderr


def test_languages_are_listed_with_who_has_reviewed_them(run: Run) -> None:
    lines = run("language", "list").stdout.splitlines()
    assert len(lines) == 8
    assert "English: granskad 2026-11-25 av Projektet (läst mot svenskan) – erbjuds" in lines[2]
    assert "Suomi: ej granskad" in lines[4]
    assert lines[4].endswith("– bara i simulerade omgångar")


def test_a_municipality_gets_its_own_questions_and_can_do_without_them(prepared: Run) -> None:
    added = prepared("questionnaire", "add", "2026", "0125", "skargard")
    assert (added.exit_code, added.stdout[:21]) == (0, "0125 får 48 frågor, k")
    removed = prepared("questionnaire", "add", "2026", "0125", "--remove")
    assert removed.stdout == "De egna frågorna är borttagna.\n"
    again = prepared("questionnaire", "add", "2026", "0125", "--remove")
    assert again.stdout == "Kommunen hade inga egna frågor.\n"
    refused = prepared("questionnaire", "add", "2026", "0140", "skargard")
    assert refused.stderr.startswith("Fel: Kommunen 0140 har inte tackat ja till omgången 2026")
    both = prepared("questionnaire", "add", "2026", "0125", "skargard", "--remove")
    assert both.exit_code == 2
    assert "antingen namnet" in both.stderr


def test_microdata_go_to_an_analyst_in_use_and_to_nobody_else(prepared: Run, files: Path) -> None:
    def ask(analyst: str) -> str:
        given = ("--analyst", analyst, "--decision", "2026/17-5")
        result = prepared("wave", "microdata", "2026", f"{files}/uttag.csv", *given)
        assert result.exit_code == 2
        return result.stderr

    prepared("account", "invite", "ansvarig@example.se", "--role", "owner")
    prepared("account", "invite", "analytiker@example.se", "--role", "analyst")
    for stranger in ("ingen@example.se", "ansvarig@example.se", "analytiker@example.se"):
        assert f"{stranger} har inget konto som analytiker" in ask(stranger)
    databases = stores(files)
    with databases.transaction() as session:
        now = datetime.now(UTC)
        token = accounts.invite(session, "analytiker@example.se", "analyst", None, "tests", now)
        accounts.activate(session, token, "en fras som ingen gissar", now)
    databases.dispose()
    assert "planerad" in ask("analytiker@example.se")  # the role is right, the wave is not closed
    assert not list(files.glob("uttag*"))


def test_the_days_of_the_fieldwork_are_kept_by_command_and_a_repeat_keeps_none(prepared: Run) -> None:
    assert prepared("wave", "snapshot").stdout == ""  # no wave is open
    assert "planerad" in prepared("wave", "snapshot", "2026").stderr


def test_municipalities_are_invited_and_their_answers_shown(prepared: Run) -> None:
    invitation = ("--answer-until", "2099-01-01", "--text", "Välkommen.")
    invited = prepared("wave", "invite-municipalities", "2026", "--all", *invitation)
    assert invited.stdout == "Inbjudna till 2026: inga, alla har svarat\n"
    both = prepared("wave", "invite-municipalities", "2026", "0125", "--all", *invitation)
    assert (both.exit_code, both.stderr) == (2, "Fel: Ange kommuner eller --all, inte båda.\n")
    noted = prepared("wave", "participation", "2026", "0140", "--no", "--reason", "Per telefon.")
    assert noted.exit_code == 0
    shown = prepared("wave", "participation", "2026").stdout
    assert "tackat ja, saknar besked om delområdena, kontaktperson" in shown
    assert "tackat nej" in shown
    allowed = prepared("wave", "allow-incomplete", "2026", "0125", "--reason", "Avtal på papper.")
    assert allowed.stdout == "Urvalet i 2026 får dras ändå för: 0125\n"


def test_a_re_cut_is_shown_and_decided_by_the_operator(prepared: Run) -> None:
    assert prepared("wave", "recut", "2026", "0125").stdout == "Kommunen har inte sagt något än.\n"
    refused = prepared("wave", "recut", "2026", "0125", "--apply")
    assert refused.stderr == "Fel: Kommunen har inget förslag som väntar på besked.\n"
    assert prepared("wave", "recut", "2026", "0125", "--apply", "--refuse", "Nej.").exit_code == 2
