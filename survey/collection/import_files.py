"""One wave of a folder of files, read and checked for what our tables ask beyond the rules of the format."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pandas as pd

from analysis.coherence import age_range
from analysis.errors import InputError
from analysis.provenance import file_sha256
from analysis.schema import Bundle, read_bundle
from analysis.settings import Settings
from survey.errors import UserError

CELL = ["stratum", "legal_gender", "age_group"]
LONGEST_MODE = 8  # as the table of responses has it


@dataclass(frozen=True)
class SourceWave:
    """One wave of a bundle; the rows of its tables keep their places in the files as index."""

    name: str
    sha256: str
    bundle: Bundle
    strata: pd.DataFrame  # those where somebody lives
    population: pd.DataFrame
    sample: pd.DataFrame
    responses: pd.DataFrame  # with the design variables of the sample, and a mode

    @property
    def ages(self) -> tuple[int, int]:
        """The youngest and the oldest age."""
        found = [ages for group in set(self.population["age_group"]) if (ages := age_range(str(group)))]
        return int(min(low for low, _ in found)), int(max(high for _, high in found))


def read_files(folder: Path) -> Bundle:
    """The bundle in a folder, or what is wrong with it."""
    try:
        return read_bundle(folder)
    except InputError as error:
        raise UserError(f"Filerna i {folder} kan inte tas in: {error} Inget har sparats.") from error


def read_source_wave(folder: Path, wanted: str, mode: str) -> SourceWave:
    """One wave of a bundle; `mode` stands for a missing column of that name."""
    bundle = read_files(folder)
    name = wanted or (bundle.waves[0] if len(bundle.waves) == 1 else "")
    if name not in bundle.waves:
        raise UserError(f"Filerna har omgångarna {', '.join(bundle.waves)}. Säg vilken med --wave.")
    tables = (bundle.strata, bundle.population, bundle.sample, bundle.responses)
    strata, population, sample, responses = (table[table["wave"].eq(name)] for table in tables)
    if responses.empty:
        raise UserError(f"responses.csv har inga svar för omgången {name}. Inget har sparats.")
    _check_population(population)
    return SourceWave(
        name=name,
        sha256=_sha256(folder),
        bundle=bundle,
        strata=strata[strata["population"].gt(0)],
        population=population,
        sample=sample,
        responses=_with_mode(_with_design(responses, sample), mode),
    )


def _sha256(folder: Path) -> str:
    lines = [f"{path.name} {file_sha256(path)}\n" for path in sorted(folder.glob("*.csv"))]
    return sha256("".join(lines).encode()).hexdigest()


def _with_design(responses: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    # A left merge keeps the rows in their order, and with them the line numbers of the file.
    merged = responses.merge(sample[["case_id", *CELL]], on="case_id", how="left", validate="one_to_one")
    return merged.set_index(responses.index)


def _with_mode(responses: pd.DataFrame, mode: str) -> pd.DataFrame:
    given = "mode" in responses
    responses = responses if given else responses.assign(mode=mode)
    wrong = ~responses["mode"].astype(str).str.len().between(1, LONGEST_MODE)
    if wrong.any():
        where = (
            _line("responses.csv", wrong) if given else "Svarssätt saknas i filerna; säg vilket med --mode"
        )
        raise UserError(
            f"{where}: kolumnen mode ska ha 1–{LONGEST_MODE} tecken, till exempel web eller paper. "
            "Inget har sparats."
        )
    return responses


def _check_population(population: pd.DataFrame) -> None:
    fractions = population["population"] % 1 != 0
    if fractions.any():
        raise UserError(
            f"{_line('population.csv', fractions)}: kolumnen population är "
            f"{population.loc[fractions, 'population'].iloc[0]:g} men ska vara ett heltal. Inget har sparats."
        )
    groups = Settings.default().reporting_age_groups
    outside = ~population["age_group"].map(lambda name: _is_within(str(name), groups)).astype(bool)
    if outside.any():
        raise UserError(
            f"{_line('population.csv', outside)}: kolumnen age_group är "
            f"{population.loc[outside, 'age_group'].iloc[0]!r} men ska ligga inom en av redovisningens "
            f"åldersgrupper {', '.join(groups)}. Inget har sparats."
        )


def _is_within(name: str, groups: tuple[str, ...]) -> bool:
    ages = age_range(name)
    outer = [ends for group in groups if (ends := age_range(group))]
    return ages is not None and any(low <= ages[0] and ages[1] <= high for low, high in outer)


def _line(file: str, wrong: "pd.Series[bool]") -> str:
    return f"{file}, rad {int(str(wrong.idxmax())) + 2}"
