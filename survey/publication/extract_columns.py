"""The columns in which released tables are given, to the region and to everybody else.

The region gets every column in full precision. Municipalities and everybody get what their tables have: whole
percent and points, and the verdict of a comparison without its size, which would tie two protected figures
together (METHODS.md M-23).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey.models.release import (
    Change,
    Comparison,
    Diagnostic,
    Estimate,
    ItemNonresponse,
    QualityFigure,
    ResponseRate,
)
from survey.publication import numbers
from survey.publication.results import KEYS, ReleasedRow, released_columns

Value = str | int | float | bool | None
Show = Callable[[Any, Mapping[str, Any]], Value]
FEW_DECIMALS = 3  # of a share in the quality declaration: what its page prints


@dataclass(frozen=True)
class Column:
    """A column for those who do not get all: out of which stored one, and how."""

    name: str
    source: str
    show: Show


@dataclass(frozen=True)
class Table:
    """A released table and its columns for those who do not get all."""

    model: ReleasedRow
    narrow: tuple[Column, ...]

    def columns(self, *, in_full: bool) -> tuple[str, ...]:
        """The names of what is given, in order."""
        if in_full:
            return tuple(column.name for column in released_columns(self.model))
        return tuple(column.name for column in self.narrow)

    def shown(self, row: Any, *, in_full: bool) -> tuple[Value, ...]:
        """A stored row as it is given."""
        if in_full:
            return tuple(row)
        named = row._mapping
        return tuple(column.show(named[column.source], named) for column in self.narrow)


def _same(value: Any, _row: Mapping[str, Any]) -> Value:
    found: Value = value
    return found


def _percent(value: Any, row: Mapping[str, Any]) -> Value:
    return None if value is None or row["statistic"] == "mean" else numbers.whole_percent(value)


def _points(value: Any, row: Mapping[str, Any]) -> Value:
    if value is None or row["statistic"] == "mean":
        return None
    points = numbers.points(value)
    return int(points) if points.is_integer() else points


def _word(value: Any, row: Mapping[str, Any]) -> Value:
    return str(value) if row["released"] else "not_comparable"


def _few_decimals(value: Any, _row: Mapping[str, Any]) -> Value:
    return None if value is None else round(float(value), FEW_DECIMALS)


def _as_stored(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, name, _same) for name in names)


# What the quality declaration of a municipality prints; the rest is for those who review the weights.
TOLD_DIAGNOSTICS = ("response_rate", "r_indicator", "deff_kish", "trimmed_share")
_END = _as_stored("released", "reason")
TABLES: Mapping[str, Table] = {
    "estimates": Table(
        Estimate,
        (
            *_as_stored(*KEYS, "n"),
            Column("percent", "estimate", _percent),
            Column("percent_lower", "lower", _percent),
            Column("percent_upper", "upper", _percent),
            *_END,
        ),
    ),
    "changes": Table(
        Change,
        (
            *_as_stored(*KEYS, "previous_wave", "n", "n_previous"),
            Column("change_points", "change", _points),
            Column("change_lower", "lower", _points),
            Column("change_upper", "upper", _points),
            Column("verdict", "verdict", _word),
            Column("detectable_points", "detectable_change", _points),
            *_END,
        ),
    ),
    "comparisons": Table(
        Comparison,
        (
            *_as_stored(*KEYS, "previous_wave", "against_geography", "against_code"),
            Column("verdict", "verdict", _word),
            *_END,
        ),
    ),
    "quality": Table(
        QualityFigure,
        (
            *_as_stored("wave", "municipality_code", "measure", "variable", "category"),
            *(Column(name, name, _few_decimals) for name in ("value", "lower", "upper")),
            *_as_stored("reason"),
        ),
    ),
    "response-rates": Table(
        ResponseRate,
        _as_stored("wave", "municipality_code", "legal_gender", "age_group", "sampled", "responded"),
    ),
    "diagnostics": Table(
        Diagnostic,
        (
            *_as_stored("wave", "municipality_code", "sampled", "responded"),
            *(Column(name, name, _few_decimals) for name in TOLD_DIAGNOSTICS),
        ),
    ),
    "item-nonresponse": Table(
        ItemNonresponse,
        (
            *_as_stored("wave", "municipality_code", "item"),
            *(Column(name, name, _few_decimals) for name in ("answered", "dont_know", "refused", "missing")),
            *_as_stored("reason"),
        ),
    ),
}


def columns_of(table: str) -> tuple[str, ...]:
    """The columns that everybody gets, then those that only the region does."""
    stored = [str(column.name) for column in released_columns(TABLES[table].model)]
    return tuple(dict.fromkeys([*(column.name for column in TABLES[table].narrow), *stored]))


def column_types(table: str) -> dict[str, type]:
    """What the values of each column are, whoever reads them."""
    stored = {str(column.name): column.type.python_type for column in released_columns(TABLES[table].model)}
    shown = {
        column.name: float if column.show in (_points, _few_decimals) else int
        for column in TABLES[table].narrow
        if column.show not in (_same, _word)
    }
    return {**stored, **shown}
