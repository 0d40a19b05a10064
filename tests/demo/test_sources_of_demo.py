"""What stands beside the survey in the demonstration: taken as anybody's, and said to be invented."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from survey.cli import main
from survey.config import Settings
from survey.database import Databases
from survey.demo import setup
from survey.demo.console import Console
from survey.demo.geography import plan
from survey.demo.residents import Residents
from survey.demo.stage import Options, Stage
from survey.demo.workplace import Workplace
from survey.followup.events import events
from survey.followup.places import Level, children, parents, place
from survey.followup.series.lookup import series_of
from survey.followup.vulnerable import vulnerable
from survey.models.source import SourceAudience

DAY = date(2022, 10, 31)
FIELD = date(2022, 10, 3), date(2022, 11, 25)


def test_the_demonstration_stands_beside_levels_series_lists_and_events(
    settings: Settings, sqlite_databases: Databases, tmp_path: Path
) -> None:
    environment = {
        "TRYGG_SURVEY_DATABASE": settings.survey_database,
        "TRYGG_IDENTITY_DATABASE": settings.identity_database,
    }

    def command(arguments: Sequence[str]) -> None:
        done = CliRunner().invoke(main, list(arguments), env=environment)
        assert done.exit_code == 0, (arguments, done.output)

    for folder in ("geography", "sources"):
        (tmp_path / "demo" / folder).mkdir(parents=True)
    areas = plan("small", 1)
    workplace: Any = Workplace(tmp_path / "demo", replace(settings, output=tmp_path / "demo"))
    stage = Stage(
        Options("small", 1), workplace, Console(command), sqlite_databases, areas, Residents(areas, 1)
    )
    setup.load_geography(stage)
    police = SourceAudience.POLICE
    with sqlite_databases.reading() as session:
        first, *_, last = (place(session, Level.MUNICIPALITY, one.code, DAY) for one in areas.municipalities)
        assert [one.code for one in parents(session, first, DAY)] == ["L1", "P1", "R1", "SE"]
        shared = place(session, Level.MUNICIPALITY, areas.municipalities[2].code, DAY)
        assert [one.code for one in parents(session, shared, DAY)][:2] == ["L1", "L2"]
        halves = [parents(session, one, DAY)[1].code for one in children(session, shared, DAY)]
        assert set(halves) == {"L1", "L2"}
        for one in (first, last, place(session, Level.DISTRICT, "L1", DAY)):
            assert all(series.synthetic for series in series_of(session, one, DAY, police))
        monthly, yearly = series_of(session, first, date(2022, 12, 31), police)
        assert (len(monthly.values), len(yearly.values)) == (60, 5)
        assert [point.note for point in monthly.values if point.value is None] == ["saknas i källan"]
        listed = vulnerable(session, place(session, Level.NATION, "SE", DAY), 2021)
        assert all(one.name.startswith("Påhittat") and "Påhittad" in one.source for one in listed)
        found = events(session, first, *FIELD, police)
        assert found
        assert all("påhittad" in one.text for one in found)
