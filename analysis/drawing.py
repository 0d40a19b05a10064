"""What the drawing of a stratified sample adds to the variance of means, for many groups of cells at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.packed import run_starts


class Grouped:
    """Rows by a key: sums over the rows of each key that occurs, in the order of the keys.

    Values are ... x rows x quantities: the axes before are of samples that have their rows alike.

    Attributes:
        order: the rows sorted by key.
        starts: where in `order` each key begins.
    """

    def __init__(self, key: Ints) -> None:
        self.order = np.argsort(key, kind="stable")
        self.starts = run_starts(key[self.order])

    @cached_property
    def first(self) -> Ints:
        """The first row of each key."""
        rows: Ints = self.order[self.starts]
        return rows

    @cached_property
    def place(self) -> Ints:
        """The number, among the keys that occur, of each row's key."""
        place = np.empty_like(self.order)
        place[self.order] = np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(place)))
        return place

    def sums(self, values: Floats) -> Floats:
        """... x keys x quantities: the sum of the values of each key."""
        if len(self.starts) == 1:
            total: Floats = values.sum(axis=-2, keepdims=True)
            return total
        sums: Floats = np.add.reduceat(values.take(self.order, axis=-2), self.starts, axis=-2)
        return sums

    def parts(self, values: Floats) -> Iterator[Floats]:
        """The rows of each key."""
        if len(self.starts) == 1:
            yield values
            return
        ends = [*self.starts[1:].tolist(), len(self.order)]
        values = values.take(self.order, axis=-2)
        for start, end in zip(self.starts.tolist(), ends, strict=True):
            yield values[..., start:end, :]


@dataclass(frozen=True)
class Factor:
    """A register variable: its name, its categories, and the category of each fine cell."""

    name: str
    categories: tuple[str, ...]
    of_cell: Ints

    @cached_property
    def cells(self) -> Grouped:
        """The cells of each category that occurs."""
        return Grouped(self.of_cell)


@dataclass(frozen=True)
class Drawn:
    """The persons drawn, by fine cell; of several samples with the same cells, samples x cells.

    Attributes:
        sampled, respondents: persons.
        weight: design weight N_h / n_h.
        stratum: stratum of each cell; the cells of a stratum stand together.
    """

    sampled: Floats
    respondents: Floats
    weight: Floats
    stratum: Ints


class Drawing:
    """The strata of a sample, ready for the variance of means over larger cells.

    Attributes:
        place: larger cell of each fine cell.
    """

    def __init__(self, drawn: Drawn, place: Ints) -> None:
        starts = run_starts(drawn.stratum)
        self.place, self._sampled, self._starts = place, drawn.sampled[..., None], starts
        self._stratum = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(place)))
        d, n = drawn.weight.take(starts, axis=-1), np.add.reduceat(drawn.sampled, starts, axis=-1)
        population = np.vecdot(d, n)[..., None]
        self._n = n[..., None]
        self._scale = ((1.0 - 1.0 / d) * d**2 * n / np.maximum(n - 1.0, 1.0) / population**2)[..., None]

    def variances(self, factor: Factor, inside: Floats, outside: Floats) -> Floats:
        """Variance, over stratified simple random samples, of weighted means for each category of a factor.

        A stratum in which a category does not occur adds the same for every such category: only where the
        two meet are they looked at one by one.

        Args:
            factor: with a category for each larger cell, each of which occurs.
            inside, outside: ... x larger cells x quantities: what is averaged, in cells of the category and
                in all other cells.

        Returns:
            ... x categories x quantities.
        """
        category = factor.of_cell[self.place]
        pairs = Grouped(self._stratum * len(factor.categories) + category)
        within, beyond = (values.take(self.place, axis=-2) for values in (inside, outside))
        first, second = (np.add.reduceat(self._sampled * beyond**k, self._starts, axis=-2) for k in (1, 2))
        apart = self._added(first, second, self._n, self._scale)
        at = self._stratum[pairs.first]
        first, second, n, scale, same = (
            values.take(at, axis=-2) for values in (first, second, self._n, self._scale, apart)
        )
        first = first + pairs.sums(self._sampled * (within - beyond))
        second = second + pairs.sums(self._sampled * (within**2 - beyond**2))
        met = self._added(first, second, n, scale) - same
        everywhere = apart.sum(axis=-2, keepdims=True)
        variances: Floats = everywhere + Grouped(category[pairs.first]).sums(met)
        return variances

    @staticmethod
    def _added(first: Floats, second: Floats, n: Floats, scale: Floats) -> Floats:
        """From sums and sums of squares over the persons drawn."""
        added: Floats = scale * np.maximum(second - first**2 / n, 0.0)
        return added
