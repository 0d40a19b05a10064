"""The shape of a free table: a grid of cells with the total first on each axis. METHODS.md M-36."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Ints, Mask
from analysis.backgrounds import Background
from analysis.crossing import Crossing
from analysis.errors import QuestionError
from analysis.figures import figures
from analysis.indicators import Measured
from analysis.keys import TOTAL
from analysis.settings import Settings

MOST_SUMS = 3000  # finest domains x values: the covariance of all of them is one matrix


@dataclass(frozen=True)
class Grid:
    """The cells of a table, which are its domains.

    Attributes:
        wave: which wave.
        one: what is counted.
        item_sensitive: whether that is sensitive.
        variables: the background variables, with the categories that occur in the table.
        filters: the variables of `where`.
    """

    wave: str
    one: Measured
    item_sensitive: bool
    variables: tuple[Background, ...]
    filters: tuple[Background, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Categories of each variable and the total."""
        return tuple(len(variable.categories) + 1 for variable in self.variables)

    @property
    def statistics(self) -> int:
        """How many figures each cell has."""
        return len(self.one.statistics)

    @property
    def by_sensitive(self) -> bool:
        """Whether standing in a cell is itself a sensitive answer."""
        return any(variable.sensitive for variable in [*self.variables, *self.filters])

    @property
    def sensitive(self) -> bool:
        """Whether the table tells about something sensitive."""
        return self.item_sensitive or self.by_sensitive

    @property
    def joined(self) -> Floats:
        """Finest domains x domains: which make up which."""
        found: Floats = np.ones((1, 1))
        for variable in self.variables:
            size = len(variable.categories)
            pair = np.hstack([np.ones((size, 1)), np.eye(size)])
            found = np.asarray(np.kron(found, pair), dtype=np.float64)
        return found

    @property
    def labels(self) -> dict[str, list[str]]:
        """Category of each domain on each variable."""
        axes = [[TOTAL, *variable.categories] for variable in self.variables]
        grid = np.indices(self.shape).reshape(len(axes), -1)
        return {
            variable.name: [axis[i] for i in at]
            for variable, axis, at in zip(self.variables, axes, grid, strict=True)
        }

    @property
    def kind(self) -> Ints:
        """Which variables split each domain: 0 for the total, 1, 2 or 3."""
        grid = np.indices(self.shape).reshape(len(self.shape), -1) > 0
        kinds: Ints = (grid * 2 ** np.arange(len(self.shape))[:, None]).sum(axis=0)
        return kinds

    def check_size(self) -> None:
        """Refuse a table whose covariances would not fit."""
        sums = len(self.joined) * (self.statistics + 1)
        if sums > MOST_SUMS:
            most = MOST_SUMS // (self.statistics + 1)
            raise QuestionError(
                "too_large",
                f"A table of {len(self.joined)} cells with {self.statistics} figures each is too large; "
                f"at most {most} cells. Choose fewer with --where.",
                cells=len(self.joined),
                most=most,
            )

    def domain(self, inside: Mask) -> Ints:
        """Finest domain of each row of responses.csv, -1 outside the table."""
        found = np.zeros(len(inside), dtype=np.int64)
        outside = ~inside
        for variable in self.variables:
            found = found * len(variable.categories) + variable.of_row
            outside |= variable.of_row < 0
        return np.where(outside, -1, found)

    def counts(self, inside: Mask) -> Floats:
        """Domains x levels: persons, without weights, of a mask."""
        domain, level = self.domain(inside), self.one.level
        counted = (domain >= 0) & (level >= 0)
        size = (len(self.joined), len(self.one.codes))
        key = domain[counted] * size[1] + level[counted].astype(np.int64)
        finest = np.bincount(key, minlength=size[0] * size[1]).reshape(size).astype(np.float64)
        return self.joined.T @ finest

    def rows(self, crossing: Crossing, settings: Settings) -> pd.DataFrame:
        """The figures of every domain and statistic."""
        mean = np.array([name == "mean" for name in self.one.statistics])
        names, domains = np.array(self.one.statistics, dtype=object), len(crossing.members)
        values = values_of(crossing).reshape(9, -1)
        found = figures(values, np.repeat(crossing.df, self.statistics), np.tile(mean, domains), settings)
        labels = {
            name: np.repeat(np.array(at, dtype=object), self.statistics) for name, at in self.labels.items()
        }
        keys = {
            "indicator": self.one.indicator,
            "statistic": np.tile(names, domains),
        }
        return pd.DataFrame({"wave": self.wave, **labels, **keys, **found})


def values_of(crossing: Crossing) -> Floats:
    """The nine sums of `blocks.Block`, domains x statistics."""
    scores, form = crossing.scores[:-1], crossing.form
    at, of = np.arange(len(crossing.members)), np.arange(len(scores))
    own = form[at, :, at, :]
    shape = (len(at), len(of))
    base = np.broadcast_to(crossing.weighted.sum(axis=1)[:, None], shape)
    return np.stack(
        [
            np.broadcast_to(crossing.counts.sum(axis=1)[:, None], shape),
            crossing.counts @ scores.T,
            base,
            crossing.weighted @ scores.T,
            crossing.weighted @ (scores**2).T,
            np.broadcast_to(crossing.weighted2.sum(axis=1)[:, None], shape),
            own[:, of, of],
            own[:, of, -1],
            np.broadcast_to(own[:, -1, -1][:, None], shape),
        ]
    )
