"""How far a hidden count could move: a witness inside everything an attacker knows.

The tables an attacker cannot tell from the true one form a convex region: each count of persons between 0 and
the number who answered, each shown figure inside its band. The widest movement of a hidden cell inside the
region is a linear programme; solving one for each of several hundred thousand cells is too slow, and a lower
bound is enough to prove protection. From a central point of the region (Newton's method on the logarithmic
barrier) a ray is shot for each cell, along the direction that moves it with the least strain elsewhere, until
it leaves the region on either side: both ends are tables the attacker must hold possible. Source: Boyd &
Vandenberghe (2004), Convex Optimization. METHODS.md M-20.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy  # scipy.optimize is loaded when first used: that costs as much as pandas

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

ITERATIONS = 14
STIFFNESS = (1.0, 30.0, 0.03)  # of the rows: rays that spare the shown figures more, or less
NEARLY = 0.6  # of a small target's range: from here on it is worth aiming at both its ends
RIDGE = 1e-11
TINY = 1e-7  # persons
CENTRED = 0.3  # Newton decrement at which a point is central enough


@dataclass(frozen=True)
class Region:
    """Movements x of the counts of some groups of persons that leave everything shown as it is.

    Attributes:
        below, above: at most so far down (negative) and up, persons, one per group.
        rows: shown figures x groups.
        least, most: each figure may move from (at most 0) to (at least 0).
        start: a movement towards the inside, such as all groups towards the same share.
    """

    below: Floats
    above: Floats
    rows: Floats
    least: Floats
    most: Floats
    start: Floats


@dataclass(frozen=True)
class Movement:
    """What the rays found for each target.

    Attributes:
        width: persons, a lower bound of how far the target's count can move in all.
        strain: targets x rows: how much of its room each shown figure uses up on the way.
    """

    width: Floats
    strain: Floats


def move(region: Region, targets: Booleans, whole: Booleans) -> Movement:
    """How far each target can move.

    Args:
        region: what the attacker holds possible.
        targets: targets x groups: the groups each target is the sum of.
        whole: targets so small that nothing less than their whole range protects them: their groups are
            moved to both ends at once.
    """
    x, inverses = _centre(region)
    lowest = highest = targets @ x
    strain = np.zeros((len(targets), len(region.rows)))
    for inverse in inverses:
        directions = inverse @ targets.T
        ahead, back, used = _reach(region, x, directions)
        # The ends of one target's ray are tables the attacker holds possible, and count for all targets.
        for ends in (directions * ahead, -directions * back):
            counts = targets @ (x[:, None] + ends)
            lowest = np.minimum(lowest, counts.min(axis=1))
            highest = np.maximum(highest, counts.max(axis=1))
        strain = np.maximum(strain, used.T)
    width, inverse = highest - lowest, inverses[0]
    size = targets @ (region.above - region.below)
    for number in np.flatnonzero(whole & (width < size - TINY) & (width > NEARLY * size)):
        inside = np.flatnonzero(targets[number])
        columns = inverse[:, inside]
        ends = np.stack([region.above[inside] - x[inside], region.below[inside] - x[inside]], axis=1)
        directions = columns @ np.linalg.lstsq(columns[inside], ends, rcond=None)[0]
        directions[inside] = ends
        ahead, _, used = _reach(region, x, directions, skip=inside)
        width[number] = max(width[number], np.abs(ends.sum(axis=0)) @ np.minimum(ahead, 1.0))
    return Movement(width, strain)


def extremes(region: Region, target: Booleans) -> Floats:
    """The two movements in which a target is lowest and highest: two linear programmes, solved exactly.

    Returns:
        2 x groups, persons; no movement when the solver finds none.
    """
    cost = target.astype(np.float64)
    rules = scipy.optimize.LinearConstraint(region.rows, region.least, region.most)
    bounds = scipy.optimize.Bounds(region.below, region.above)
    found = [scipy.optimize.milp(sign * cost, constraints=rules, bounds=bounds).x for sign in (1.0, -1.0)]
    still = np.zeros(len(cost))
    return np.stack([still if x is None else x for x in found])


def _reach(
    region: Region, x: Floats, directions: Floats, skip: npt.NDArray[np.intp] | None = None
) -> tuple[Floats, Floats, Floats]:
    """Steps along each direction and against it until something is in the way; the strain on the rows."""
    at, moved = region.rows @ x, region.rows @ directions
    free = np.ones(len(x), dtype=bool)
    if skip is not None:
        free[skip] = False
    speed = np.vstack([directions[free], moved])
    up = np.r_[(region.above - x)[free], region.most - at][:, None]
    down = np.r_[(x - region.below)[free], at - region.least][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        ahead = np.where(speed > 0, up / speed, np.where(speed < 0, down / -speed, np.inf)).min(
            axis=0, initial=np.inf
        )
        back = np.where(speed > 0, down / speed, np.where(speed < 0, up / -speed, np.inf)).min(
            axis=0, initial=np.inf
        )
    room = np.minimum(region.most - at, at - region.least)[:, None]
    return ahead, back, np.abs(moved) / room


def _centre(region: Region) -> tuple[Floats, list[Floats]]:
    """A central point and the inverse of the barrier's second derivatives there, by stiffness of the rows."""
    x = region.start * (0.9 * min(1.0, _first_step(region)))
    rows = region.rows
    for _ in range(ITERATIONS):
        slope, curvature, stiffness = _barrier(region, x)
        scale = np.sqrt(stiffness)[:, None] * rows
        spread = scale / curvature
        kernel = spread @ scale.T
        kernel.flat[:: len(rows) + 1] += 1.0
        direct = slope / curvature
        step = -(direct - spread.T @ _solve(kernel, (scale @ direct)[:, None])[:, 0])
        decrement = float(np.sqrt(max(float(-(slope @ step)), 0.0)))
        x = x + step * min(1.0, 0.8 * float(_reach(region, x, step[:, None])[0][0]))
        if decrement < CENTRED:
            break
    _, curvature, stiffness = _barrier(region, x)
    inverses = []
    for factor in STIFFNESS:
        scale = np.sqrt(factor * stiffness)[:, None] * rows
        spread = scale / curvature
        inverse = -spread.T @ _solve(np.eye(len(rows)) + spread @ scale.T, spread)
        inverse.flat[:: len(x) + 1] += 1.0 / curvature
        inverses.append(inverse)
    return x, inverses


def _solve(kernel: Floats, right: Floats) -> Floats:
    """Solve a symmetric system whose rows may differ by many orders of magnitude.

    A figure on the very edge of its rounding makes its row that stiff. The ridge bends a direction a little,
    never what is proven along it.
    """
    size = 1.0 / np.sqrt(np.diag(kernel))
    even = kernel * size[:, None] * size
    even.flat[:: len(even) + 1] += RIDGE
    solved: Floats = size[:, None] * np.linalg.solve(even, size[:, None] * right)
    return solved


def _first_step(region: Region) -> float:
    """How far the start direction may be followed from the true table, which lies on the edge."""
    moved = region.rows @ region.start
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(moved > 0, region.most / moved, np.where(moved < 0, region.least / moved, np.inf))
    return float(steps.min(initial=np.inf))


def _barrier(region: Region, x: Floats) -> tuple[Floats, Floats, Floats]:
    """Gradient of the barrier, the groups' own curvature and the stiffness of the rows."""
    up, down = 1.0 / (region.above - x), 1.0 / (x - region.below)
    at = region.rows @ x
    row_up, row_down = 1.0 / (region.most - at), 1.0 / (at - region.least)
    return up - down + region.rows.T @ (row_up - row_down), up**2 + down**2, row_up**2 + row_down**2
