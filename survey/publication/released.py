"""What publication starts from: the released tables of one municipality and the facts around them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
from shapely import Geometry

from survey.publication.content import Comment
from survey.publication.receipt import Receipt

ALL = "all"  # the code of a total


@dataclass(frozen=True)
class Wave:
    """When a wave was in the field and whom it asked."""

    code: str
    title: str
    field_start: date
    field_end: date
    population_date: date
    age_min: int
    age_max: int
    sample_per_area: int
    synthetic: bool
    questionnaire: str = ""  # its name and the hash of what it asked
    questionnaire_hash: str = ""


@dataclass(frozen=True)
class Drawn:
    """What a sampling plan drew from the areas of a municipality."""

    fewest: int  # in an area where not everybody was drawn; in any area when everybody was everywhere
    most: int
    young_until: int
    young_factor: float  # how many times more densely the young were drawn; 1 when like the others


@dataclass(frozen=True)
class Place:
    """A municipality and its areas in the order of the survey; or an area, or all together, by itself."""

    code: str
    name: str
    areas: Mapping[str, str]  # area code -> name, only areas of the wave
    drawn: Drawn | None = None  # when a plan shared the sample out
    borders: Mapping[str, Geometry] = field(default_factory=dict)  # by area code, where known
    geography: str = "municipality"


@dataclass(frozen=True)
class ReleaseFacts:
    """Which release the figures are from, and the fingerprints that let anyone check it."""

    version: int
    released_on: date  # of a draft, when it was computed
    synthetic: bool
    draft: bool = False
    reason: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict)
    disclosure: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)  # those of the analysis, as it stored them


@dataclass(frozen=True)
class Notes:
    """What an analyst has left out of the summary and said beside it."""

    hidden: frozenset[str] = frozenset()  # sentences word for word
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True)
class Released:
    """Everything a municipality's report is made of.

    `estimates` and `changes` hold the columns of estimates.csv and changes.csv for the municipality, its
    areas and `all`; `comparisons` the columns of the table `comparison` for the municipality and its areas;
    `response_rates` and `diagnostics` hold this and earlier waves of the municipality; `quality` and
    `item_nonresponse` this wave in the municipality and in `all` together (METHODS.md M-39).
    """

    estimates: pd.DataFrame
    changes: pd.DataFrame
    comparisons: pd.DataFrame
    response_rates: pd.DataFrame
    diagnostics: pd.DataFrame
    wave: Wave
    earlier: Mapping[str, Wave]
    place: Place
    participants: tuple[str, ...]  # names of all municipalities in the wave, this one included
    release: ReleaseFacts
    notes: Notes = field(default_factory=Notes)
    quality: pd.DataFrame = field(default_factory=pd.DataFrame)
    item_nonresponse: pd.DataFrame = field(default_factory=pd.DataFrame)
    receipts: tuple[Receipt, ...] = ()  # handed in by whoever may ask for them


def records(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The rows of a table as plain values, taken out by column: value by value costs five times as much."""
    names = list(table.columns)  # an index of strings is slow to walk, and each row would walk it
    columns = [table[name].to_numpy(dtype=object) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
