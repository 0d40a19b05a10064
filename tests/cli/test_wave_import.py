"""Waves and figures from elsewhere, taken in by command."""

import re
from pathlib import Path

from imported_bundle import write, write_bundle
from installation import Run

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
