"""The sums of one geography: everything an estimate, its variance or a covariance is made of.

Sums of independent municipalities, or of waves, add up: a county is its municipalities added.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from analysis.arrays import Floats, Ints

Key = tuple[str, str, str]  # wave, geography, code
# Order of the first axis of `Block.values`.
N, YES, POPULATION, SUM, SQUARES, WEIGHTS2, V_YY, V_YM, V_MM = range(9)
# Order of the first axis of `Block.between`: woman x man.
C_YY, C_YM, C_MY, C_MM = range(4)

Number = TypeVar("Number", np.float64, np.int64)


@dataclass(frozen=True)
class Block:
    """The domains of one geography.

    Attributes:
        wave, geography, code: which.
        gender, age: positions in `domains.Sums.genders` and `.ages` of each domain; 0 is the total.
        values: 9 x domains x variables: persons who answered (n), persons counted as yes, sum of weights, of
            weight x value, of weight x value squared, of squared weights; and the variance forms of the value
            with itself, of the value with the base, and of the base with itself.
        members: respondents of each domain, whether they answered or not.
        df: members less variance strata they occur in.
        powers: 2 x domains: sums over the members of the squared weights, and of their squares.
        between: 4 x indicators: the covariance forms between women and men, headline statistics; None for
            areas.
        inside: 4 x indicators: the covariance forms of an area's total with its municipality's, headline
            statistics; else None.
    """

    wave: str
    geography: str
    code: str
    gender: Ints
    age: Ints
    values: Floats
    members: Ints
    df: Ints
    powers: Floats
    between: Floats | None = None
    inside: Floats | None = None


def combined(key: Key, blocks: Collection[Block]) -> Block:
    """The same domains of several municipalities, or of several waves, as one block.

    Args:
        key: wave, geography and code of the whole.
        blocks: at least one; independent of each other.
    """
    first = next(iter(blocks))
    between = [block.between for block in blocks if block.between is not None]
    return Block(
        *key,
        first.gender,
        first.age,
        _added([block.values for block in blocks]),
        _added([block.members for block in blocks]),
        _added([block.df for block in blocks]),
        _added([block.powers for block in blocks]),
        _added(between) if len(between) == len(blocks) else None,
    )


def _added(parts: Sequence[npt.NDArray[Number]]) -> npt.NDArray[Number]:
    """The sum of arrays of one shape, one after the other: beside each other they would take much room."""
    total = parts[0].copy()
    for part in parts[1:]:
        np.add(total, part, out=total)
    return total
