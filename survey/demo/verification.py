"""Keeps the truth of each wave and holds the released intervals against it."""

from collections.abc import Sequence
from io import BytesIO

import pandas as pd

from survey.demo.comparison import compare, coverage_lines, headline_lines
from survey.demo.geography import counts
from survey.demo.scenario import DemoWave
from survey.demo.stage import Stage
from survey.demo.truth import truth_table, write_truth
from survey.publication.downloads.tables import analyst_table
from survey.publication.embargo import SERVICE
from survey.questionnaire import indicators

_TEXTS = {"wave": str, "code": str, "age_group": str}


def keep_truth(stage: Stage, wave: DemoWave) -> None:
    """Write truth/<wave>.csv: what each indicator really is among those the wave is about."""
    cells = counts(stage.plan, wave.population_date)
    residents = stage.residents.wave(wave.code)
    table = truth_table(residents, cells, indicators.rows(), wave.municipalities)
    write_truth(table, stage.output / "truth" / f"{wave.code}.csv")


def print_comparison(stage: Stage, waves: Sequence[DemoWave]) -> None:
    """Truth, estimate and interval of the headline indicators; how many intervals hold the truth."""
    read = [pd.read_csv(stage.output / "truth" / f"{wave.code}.csv", dtype=_TEXTS) for wave in waves]
    compared = compare(pd.concat(read), _estimates(stage, waves))
    headlines = {entry.id: entry.label for entry in indicators.indicators() if entry.headline}
    stage.console.say(f"Hela regionen, omgång {waves[-1].code}:")
    stage.console.say(*headline_lines(compared, headlines, waves[-1].code))
    stage.console.say("", "Andel av 95-procentsintervallen som innehåller sanningen:")
    stage.console.say(*coverage_lines(compared, list(headlines)))


def _estimates(stage: Stage, waves: Sequence[DemoWave]) -> pd.DataFrame:
    """Each wave's own released estimates, as an analyst downloads them."""
    tables = []
    with stage.databases.reading() as session:
        for wave in waves:
            download = analyst_table(session, wave.code, "estimates", SERVICE)
            table = pd.read_csv(BytesIO(download.content), dtype=_TEXTS, keep_default_na=False, na_values="")
            tables.append(table.loc[table["wave"] == wave.code])
    return pd.concat(tables)
