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

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

ITERATIONS = 14
BENDS = 4  # on each way towards an extreme
STRIDE = 0.95  # of the way to the next obstacle
FAR = 1e6  # a direction along which nothing is in the way
STIFFNESS = (1.0, 30.0, 0.03)  # of the rows: rays that spare the shown figures more, or less
NEARLY = 0.6  # of a small target's range: from here on it is worth aiming at both its ends
RIDGE = 1e-11
TINY = 1e-5  # persons: this near its whole range a target is taken to need all of it
CENTRED = 1.0  # Newton decrement at which a point is central enough


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
        centre: the central point.
    """

    width: Floats
    strain: Floats
    centre: Floats


def move(region: Region, targets: Booleans, needed: Floats) -> Movement:
    """How far each target can move.

    Args:
        region: what the attacker holds possible.
        targets: targets x groups: the groups each target is the sum of.
        needed: persons each must be able to move; no more is looked for. Where nothing less than a target's
            whole range will do, its groups are moved to both ends at once.
    """
    x, bendings = _centre(region)
    lowest = highest = targets @ x
    strain = np.zeros((len(targets), len(region.rows)))
    left = np.arange(len(targets))
    for bending in bendings:
        directions = bending.towards(targets[left].T.astype(np.float64))
        ahead, back, used = _reach(region, x, directions)
        # The ends of one target's ray are tables the attacker holds possible, and count for all targets.
        for ends in (directions * ahead, -directions * back):
            counts = targets @ (x[:, None] + ends)
            lowest = np.minimum(lowest, counts.min(axis=1))
            highest = np.maximum(highest, counts.max(axis=1))
        strain[left] = np.maximum(strain[left], used.T)
        left = np.flatnonzero(highest - lowest < needed)
        if len(left) == 0:
            break
    width = highest - lowest
    size = targets @ (region.above - region.below)
    for number in left[((needed > size - TINY) & (width > NEARLY * size))[left]]:
        inside = np.flatnonzero(targets[number])
        columns = bendings[0].towards(np.eye(len(x))[:, inside])
        ends = np.stack([region.above[inside] - x[inside], region.below[inside] - x[inside]], axis=1)
        directions = columns @ np.linalg.lstsq(columns[inside], ends, rcond=None)[0]
        directions[inside] = ends
        ahead, _, used = _reach(region, x, directions, skip=inside)
        width[number] = max(width[number], np.abs(ends.sum(axis=0)) @ np.minimum(ahead, 1.0))
    return Movement(width, strain, x)


def widen(region: Region, centre: Floats, target: Booleans, needed: float) -> Floats:
    """Two movements far apart in one target: each a way from the centre, bending off before every obstacle.

    Affine scaling, an interior method of linear programming: it nears the exact answer from inside, and stops
    where the two ends are far enough apart.

    Args:
        region: what the attacker holds possible.
        centre: a point inside it.
        target: groups the target is the sum of.
        needed: persons between the ends that are enough.

    Returns:
        2 x groups.
    """
    ends, aim = np.stack([centre, centre]), target.astype(np.float64)[:, None]
    for _ in range(BENDS):
        for side, sign in ((0, -1.0), (1, 1.0)):
            _, curvature, stiffness = _barrier(region, ends[side])
            direction = sign * _Bending.of(region.rows, curvature, stiffness).towards(aim)
            ahead = _reach(region, ends[side], direction)[0][0]
            ends[side] = ends[side] + direction[:, 0] * min(STRIDE * float(ahead), FAR)
            if (ends[1] - ends[0]) @ aim[:, 0] >= needed:
                return ends
    return ends


def _reach(
    region: Region, x: Floats, directions: Floats, skip: npt.NDArray[np.intp] | None = None
) -> tuple[Floats, Floats, Floats]:
    """Steps along each direction and against it until something is in the way; the strain on the rows."""
    at, moved = region.rows @ x, region.rows @ directions
    free = np.ones(len(x), dtype=bool)
    if skip is not None:
        free[skip] = False
    speed = np.vstack([directions[free], moved])
    up = speed / np.r_[(region.above - x)[free], region.most - at][:, None]
    down = speed / np.r_[(x - region.below)[free], at - region.least][:, None]
    with np.errstate(divide="ignore"):
        ahead = 1.0 / np.maximum(up.max(axis=0, initial=0.0), -down.min(axis=0, initial=0.0))
        back = 1.0 / np.maximum(down.max(axis=0, initial=0.0), -up.min(axis=0, initial=0.0))
    used = np.maximum(np.abs(up[-len(at) :]), np.abs(down[-len(at) :])) if len(at) else moved
    return ahead, back, used


@dataclass(frozen=True)
class _Bending:
    """The inverse of the barrier's second derivatives: diagonal less low rank, never written out.

    Attributes:
        curvature: of each group by itself.
        spread: rows x groups; the rows' own part divided by the curvature.
        kernel: rows x rows.
    """

    curvature: Floats
    spread: Floats
    kernel: Floats

    @classmethod
    def of(cls, rows: Floats, curvature: Floats, stiffness: Floats) -> "_Bending":
        """From the rows of a region and how stiff each of them is."""
        scale = np.sqrt(stiffness)[:, None] * rows
        spread = scale / curvature
        kernel = spread @ scale.T
        kernel.flat[:: len(rows) + 1] += 1.0
        return cls(curvature, spread, kernel)

    def towards(self, aims: Floats) -> Floats:
        """The inverse times groups x aims: directions that serve the aims and spare the rows."""
        bent: Floats = self.spread.T @ _solve(self.kernel, self.spread @ aims)
        return aims / self.curvature[:, None] - bent


def _centre(region: Region) -> tuple[Floats, list[_Bending]]:
    """A central point, and how the barrier bends there, by stiffness of the rows."""
    x = region.start * (0.9 * min(1.0, _first_step(region)))
    for _ in range(ITERATIONS):
        slope, curvature, stiffness = _barrier(region, x)
        step = -_Bending.of(region.rows, curvature, stiffness).towards(slope[:, None])[:, 0]
        decrement = float(np.sqrt(max(float(-(slope @ step)), 0.0)))
        x = x + step * min(1.0, 0.8 * float(_reach(region, x, step[:, None])[0][0]))
        if decrement < CENTRED:
            break
    _, curvature, stiffness = _barrier(region, x)
    return x, [_Bending.of(region.rows, curvature, factor * stiffness) for factor in STIFFNESS]


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
