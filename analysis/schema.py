"""The bundle: the tables a run starts from, their columns, and the one door through which they come in.

`read_bundle` reads a directory of CSV files, `validate_bundle` takes tables that were never files. Both give
a `Bundle` whose tables keep every rule of `COLUMNS`, `analysis.coherence` and `analysis.optional_input`, so
that nothing behind this door needs to check its input again. The format is described in METHODS.md ("Files").
"""

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import checks, coherence, continuity, indices, optional_input
from analysis.arrays import Ints
from analysis.indicator_input import fill_in
from analysis.keys import TOTAL
from analysis.packed import pack, unpack
from analysis.published_input import check_published
from analysis.reading import read_table

LEGAL_GENDERS = ("woman", "man")
GENDERS = ("woman", "man", "other", "undisclosed")

COLUMNS: dict[str, tuple[str, ...]] = {
    "strata": ("wave", "stratum", "municipality_code", "area", "population", "sampled"),
    "population": ("wave", "municipality_code", "area", "legal_gender", "age_group", "population"),
    "sample": ("wave", "case_id", "stratum", "legal_gender", "age_group", "responded"),
    "responses": ("wave", "case_id", "gender"),
    "indicators": ("indicator", "item", "type", "yes", "levels"),
    "domains": ("wave", "geography", "code", "stratum"),
    "age_groups": ("age_group", "reporting_age_group"),
    "margins": ("wave", "municipality_code", "margin", "category", "population"),
    "covariates": ("wave", "geography", "code"),
    "breaks": ("wave", "indicator", "municipality_code", "cause", "bridge", "bridge_se"),
    "definitions": ("wave", "item", "definition"),
    "published": (
        *("wave", "geography", "code", "gender", "age_group", "indicator", "statistic"),
        *("estimate", "source"),
    ),
    "indices": ("index", "item", "level", "score"),
    "routing": ("item", "base"),
}
KEYS: dict[str, tuple[str, ...]] = {
    "strata": ("wave", "stratum"),
    "population": ("wave", "municipality_code", "area", "legal_gender", "age_group"),
    "sample": ("wave", "case_id"),
    "responses": ("wave", "case_id"),
    "indicators": ("indicator",),
    "domains": ("wave", "geography", "code", "stratum"),
    "age_groups": ("age_group",),
    "margins": ("wave", "municipality_code", "margin", "category"),
    "covariates": ("wave", "geography", "code"),
    "breaks": ("wave", "indicator", "municipality_code", "cause"),
    "definitions": ("wave", "item"),
    "published": ("wave", "geography", "code", "gender", "age_group", "indicator", "statistic"),
    "indices": ("index", "item", "level"),
    "routing": ("item", "base"),
}
NAMES: dict[str, tuple[str, ...]] = {  # of what has totals called `all` beside it
    "strata": ("stratum", "municipality_code"),
    "population": ("age_group",),
    "indicators": ("indicator",),
    "domains": ("code",),
    "age_groups": ("reporting_age_group",),
}
MAY_BE_EMPTY = frozenset({"area", "gender", "item", "yes", "levels"})
MAY_BE_EMPTY_IN = {
    "breaks": frozenset({"municipality_code", "bridge", "bridge_se"}),
    "definitions": frozenset[str](),
    "routing": frozenset[str](),
}
OPTIONAL = (
    "domains",
    "age_groups",
    "margins",
    "covariates",
    "breaks",
    "definitions",
    "published",
    "indices",
    "routing",
)
FILES = {name: f"{name}.csv" for name in COLUMNS} | {"definitions": "items.csv"}
PACKED = ("sample", "responses")  # many rows, few texts: Categoricals but for the identities
IDENTITIES = frozenset({"case_id", "person_id"})


@dataclass(frozen=True)
class Bundle:
    """The validated tables of one survey, one or more waves.

    Attributes:
        strata: wave, stratum, municipality_code, area: str; population, sampled: int64, persons.
        population: wave, municipality_code, area (may be empty: a total of the whole municipality),
            legal_gender, age_group: str; population: float64, persons.
        sample: case_id (str); wave, stratum, legal_gender, age_group: Categorical; responded: int64 0/1;
            optional person_id (str) and margin columns (Categorical); optional age: years, missing allowed.
        responses: case_id (str); wave, gender (empty = not stated), mode: Categorical; then one column of raw
            codes per item, Categorical or str, "" = not answered.
        indicators: one row per indicator, the columns of `COLUMNS` and of `indicator_input`; sensitive and
            headline are bool, everything else str, lists blank-separated.
        domains: unions of strata to report, or None.
        age_groups: reporting group of each band, or None.
        margins: further known totals, or None.
        covariates: what is known of each area beside the survey, for small-area models: wave, geography,
            code: str; every other column a covariate, float64; or None.
        breaks: declared breaks of series, all columns str, or None; see `comparability`.
        definitions: the definition of each item in each wave (items.csv), or None.
        published: figures of waves without answers here, or None; wave to statistic and source: str;
            estimate, n, se, lower, upper: float64, NaN where not known; proportions in [0, 1].
        indices: scores of the items of indices: index, item, level: str; score: float64; or None.
        routing: items put to some only: item, base: str, or None. One condition of a row must hold, and all
            rows of an item.
        unasked: no file: what `unasked.find_unasked` finds in a run, or None before it.
    """

    strata: pd.DataFrame
    population: pd.DataFrame
    sample: pd.DataFrame
    responses: pd.DataFrame
    indicators: pd.DataFrame
    domains: pd.DataFrame | None = None
    age_groups: pd.DataFrame | None = None
    margins: pd.DataFrame | None = None
    covariates: pd.DataFrame | None = None
    breaks: pd.DataFrame | None = None
    definitions: pd.DataFrame | None = None
    published: pd.DataFrame | None = None
    indices: pd.DataFrame | None = None
    routing: pd.DataFrame | None = None
    unasked: pd.DataFrame | None = None

    @cached_property
    def sample_row(self) -> Ints:
        """Row of `sample` of each row of `responses`."""
        return coherence.sample_rows(self.responses, self.sample)

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves in the order of time, which is the order of their codes as text."""
        return tuple(sorted(self.strata["wave"].unique()))

    @property
    def published_waves(self) -> tuple[str, ...]:
        """The waves that are known only as published figures."""
        return () if self.published is None else tuple(sorted(set(self.published["wave"])))

    @property
    def age_bands(self) -> tuple[str, ...]:
        """The finest age groups, youngest first."""
        return tuple(sorted(self.population["age_group"].unique(), key=coherence.first_age))

    @property
    def items(self) -> tuple[str, ...]:
        """The columns of `responses` that hold answers."""
        return tuple(column for column in self.responses.columns if column not in coherence.NOT_ITEMS)


def read_bundle(path: Path | str) -> Bundle:
    """Read and validate the bundle in a directory.

    Args:
        path: the directory with strata.csv, population.csv, sample.csv, responses.csv, indicators.csv and,
            if there are any, the other files of METHODS.md ("Files").

    Raises:
        InputError: with file, line, column, what was found and what was expected.
    """
    directory = Path(path)
    tables: dict[str, pd.DataFrame] = {}
    for name in COLUMNS:
        file = directory / FILES[name]
        if name in OPTIONAL and not file.exists():
            continue
        tables[name] = read_table(file, plain=IDENTITIES if name in PACKED else None)
    return _validate(tables)


def read_published(path: Path, indicators: pd.DataFrame, strata: pd.DataFrame) -> pd.DataFrame:
    """Read and validate a published.csv by itself. METHODS.md M-32.

    Args:
        path: the file.
        indicators: the columns of indicators.csv: the indicators that figures may be about.
        strata: wave: the waves that have answers, and so no published figures.

    Returns:
        The columns of `Bundle.published`.

    Raises:
        InputError: as `read_bundle`.
    """
    table = _one_table("published", read_table(path))
    return check_published(table, indicators, strata)


def validate_bundle(bundle: Bundle) -> Bundle:
    """Validate and normalise tables that were never files.

    Errors name the table as if it were a file and the row as if it stood below a header.

    Raises:
        InputError: as `read_bundle`.
    """
    tables = {part.name: getattr(bundle, part.name) for part in fields(bundle)}
    return _validate({name: table for name, table in tables.items() if table is not None})


def _validate(tables: dict[str, pd.DataFrame]) -> Bundle:
    """One table at a time first, then what they say about each other."""
    done = {name: _one_table(name, table) for name, table in tables.items()}
    done["indicators"] = fill_in(done["indicators"])
    coherence.check_strata(done["strata"], done["population"], done["sample"])
    coherence.check_ages(done["sample"], done["population"])
    sample_row = coherence.check_responses(done["responses"], done["sample"])
    coherence.check_items(done["indicators"], done["responses"])
    indices.check_indices(done["indicators"], done.get("indices"), done["responses"])
    optional_input.check_optional(done)
    continuity.check_continuity(done)
    if "published" in done:
        done["published"] = check_published(done["published"], done["indicators"], done["strata"])
    bundle = Bundle(**done)
    vars(bundle)["sample_row"] = sample_row  # millions of identities need not be looked up twice
    return bundle


def _one_table(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Columns, types, keys and code lists of one table."""
    file = FILES[name]
    checks.require_columns(file, table, COLUMNS[name])
    table = table.reset_index(drop=True)
    table = table.assign(**{column: _as_text(name, table[column]) for column in _text_columns(name, table)})
    may_be_empty = MAY_BE_EMPTY_IN.get(name, MAY_BE_EMPTY)
    checks.require_filled(file, table, [c for c in COLUMNS[name] if c not in may_be_empty])
    for column in NAMES.get(name, ()):
        taken = table[column].eq(TOTAL)
        checks.fail_at(file, table, column, taken, f"a name other than {TOTAL}, which stands for totals")
    checks.require_unique(file, table, KEYS[name])
    if "legal_gender" in COLUMNS[name]:
        checks.require_known(file, table, "legal_gender", LEGAL_GENDERS)
    if name == "responses":
        checks.require_known(file, table, "gender", (*GENDERS, ""))
    if name == "published":
        checks.require_known(file, table, "gender", ("all", *GENDERS))
    return _numeric(name, file, table)


def _as_text(name: str, column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The column as text, missing as the empty text; packed in the tables that have many rows."""
    if name not in PACKED or column.name in IDENTITIES:
        return checks.text(column.to_frame(), str(column.name))
    codes, names = unpack(column)
    if (codes < 0).any():
        names = names if "" in names else [*names, ""]
        codes = np.where(codes < 0, names.index(""), codes)
    return pd.Series(pack(codes, names), index=column.index)


def _text_columns(name: str, table: pd.DataFrame) -> list[str]:
    """Columns normalised to text; the items of a response stay as they came."""
    if name == "responses":
        return [column for column in table.columns if column in coherence.NOT_ITEMS]
    counts = {"population", "sampled", "responded", "age", "score"}
    return [column for column in table.columns if column not in counts]


def _numeric(name: str, file: str, table: pd.DataFrame) -> pd.DataFrame:
    """Counts as numbers."""
    if name == "strata":
        for column in ("population", "sampled"):
            table[column] = checks.numbers(file, table, column).astype(np.int64)
    elif name == "covariates":
        for column in [one for one in table.columns if one not in COLUMNS[name]]:
            table[column] = checks.finite(file, table, column)
    elif name in ("population", "margins"):
        table["population"] = checks.numbers(file, table, "population", whole=False)
    elif name == "indices":
        scores = pd.to_numeric(table["score"], errors="coerce").astype(np.float64)
        checks.fail_at(file, table, "score", ~np.isfinite(scores), "a number")
        table["score"] = scores
    elif name == "sample":
        table["responded"] = checks.numbers(file, table, "responded").astype(np.int64)
        checks.fail_at(file, table, "responded", table["responded"] > 1, "0 or 1")
    return table
