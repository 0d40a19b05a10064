"""The command line with an installation of its own, which knows places or has a planned wave."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from imported_bundle import MUNICIPALITIES, write, write_bundle
from installation import Run, command_line, done

from survey.config import Settings
from survey.database import Databases
from survey.preparation.population import AGE_GROUPS, GENDERS, bounds


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `trygg` with an installation of its own under a temporary folder."""
    return command_line(tmp_path)


@pytest.fixture(scope="session")
def empty_installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both databases, nothing in them."""
    folder = tmp_path_factory.mktemp("empty")
    done(command_line(folder), "database", "upgrade")
    return folder


@pytest.fixture(scope="session")
def planned_wave(tmp_path_factory: pytest.TempPathFactory, empty_installation: Path) -> Path:
    """A folder with Ekerö in miniature: places, population, register, and a planned wave it is part of."""
    folder = tmp_path_factory.mktemp("planned")
    shutil.copytree(empty_installation, folder, dirs_exist_ok=True)
    (folder / "municipalities.csv").write_text(
        "municipality_code,municipality,county_code,county,police_region\n"
        "0125,Ekerö,01,Stockholms län,Stockholm\n0140,Nykvarn,01,Stockholms län,Stockholm\n"
    )
    (folder / "areas.csv").write_text(
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
    (folder / "population.csv").write_text("\n".join(population) + "\n")
    (folder / "register.csv").write_text("\n".join(register) + "\n")
    run = command_line(folder)
    done(run, "geography", "load", f"{folder}/municipalities.csv", f"{folder}/areas.csv")
    done(run, "population", "load", f"{folder}/population.csv")
    done(
        run,
        *("wave", "create", "2026", "--title", "Trygghetsmätning 2026", "--synthetic"),
        *("--population-date", "2026-09-30", "--sample-per-area", "3"),
        *("--field-start", "2020-01-01", "--field-end", "2099-12-31"),
    )
    done(run, "wave", "participation", "2026", "0125", "--yes")
    done(run, "wave", "participation", "2026", "0140", "--no")
    return folder


@pytest.fixture
def files(tmp_path: Path, planned_wave: Path) -> Path:
    """The files of the planned wave, to use and to spoil."""
    shutil.copytree(planned_wave, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def prepared(run: Run, files: Path) -> Run:
    """A planned wave of which Ekerö is part."""
    return run


@pytest.fixture
def stores(files: Path) -> Iterator[Databases]:
    """The databases of the planned wave."""
    databases = Databases.connect(
        Settings(
            survey_database=f"sqlite:///{files}/survey.db",
            identity_database=f"sqlite:///{files}/identity.db",
        )
    )
    yield databases
    databases.dispose()


@pytest.fixture
def elsewhere(run: Run, tmp_path: Path, empty_installation: Path) -> Path:
    """A bundle of files, and an installation that knows its municipalities and areas."""
    places = [(code, f"Kommun {code}", "01", "Stockholms län", "Stockholm") for code in MUNICIPALITIES]
    areas = [
        (f"{code}-{n:02}", code, f"Område {n}", "2018-01-01", "") for code in MUNICIPALITIES for n in (1, 2)
    ]
    columns = "municipality_code municipality county_code county police_region"
    municipalities = write(tmp_path / "municipalities.csv", columns, places)
    write(tmp_path / "areas.csv", "area_code municipality_code name valid_from valid_to", areas)
    shutil.copytree(empty_installation, tmp_path, dirs_exist_ok=True)
    done(run, "geography", "load", str(municipalities), f"{tmp_path}/areas.csv")
    return write_bundle(tmp_path / "bundle")
