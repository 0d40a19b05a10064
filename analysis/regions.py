"""How far a hidden count could move: a witness inside everything an attacker knows.

The tables an attacker cannot tell from the true one form a convex region: each count of persons between 0 and
the number who answered, each shown figure inside its band. The widest movement of a hidden cell inside the
region is a linear programme (`extremes`); for most of several hundred thousand cells a lower bound is enough
to prove protection, and much cheaper. From a central point of the region (Newton's method on the logarithmic
barrier) a ray is shot for each cell, along the direction that moves it with the least strain elsewhere, until
it leaves the region on either side: both ends are tables the attacker must hold possible. Source: Boyd &
Vandenberghe (2004), Convex Optimization. METHODS.md M-20.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats, Mask

ITERATIONS = 9  # a rough centre will do: what the rays do not prove is solved exactly
STRIDE = 0.95  # of the way to the next obstacle
TINY = 0.1  # persons: this near its whole range a target is taken to need all of it
SLOW = 1e-6  # persons a step: a direction along which nothing is in the way
RIDGE = 1e-11
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
        lowest, highest: persons, inside the tightest bounds.
    """

    lowest: Floats
    highest: Floats


def move(region: Region, targets: Mask, needed: Floats) -> Movement:
    """How far each target can move at least.

    Args:
        region: what the attacker holds possible.
        targets: targets x groups: the groups each target is the sum of.
        needed: persons each must be able to move; no more is looked for.
    """
    x, bending = _centre(region)
    counted = targets.astype(np.float64)
    directions = bending.towards(counted.T)
    ahead, back = _reach(region, x, directions)
    # The ends of one target's ray are tables the attacker holds possible, and count for all targets.
    at, moved = (counted @ x)[:, None], counted @ directions
    ends = np.hstack([at + moved * ahead, at - moved * back])
    lowest, highest = ends.min(axis=1), ends.max(axis=1)
    whole = needed > counted @ (region.above - region.below) - TINY
    left = whole & (highest - lowest < needed)
    if left.any():
        counts = counted @ _to_both_ends(region, x, bending, targets[left]).T
        lowest, highest = np.minimum(lowest, counts.min(axis=1)), np.maximum(highest, counts.max(axis=1))
    return Movement(lowest, highest)


def _to_both_ends(region: Region, x: Floats, bending: "_Bending", targets: Mask) -> Floats:
    """Tables in which the groups of a target are all as low, or all as high, as can be: two each, x groups.

    Where nothing less than a target's whole range will do, a ray would end at the first of its groups.
    """
    inverse = bending.towards(np.eye(len(x)))
    place = np.argsort(~targets, axis=1, kind="stable")[:, : int(targets.sum(axis=1).max())]
    own = np.take_along_axis(targets, place, axis=1)
    kernel = inverse[place[:, :, None], place[:, None, :]] * (own[:, :, None] & own[:, None, :])
    kernel += np.eye(place.shape[1]) * ~own[:, None, :]
    directions = []
    for end in (region.below - x, region.above - x):
        pull = np.zeros(targets.shape)
        pulled = np.linalg.solve(kernel, np.where(own, end[place], 0.0)[:, :, None])[:, :, 0]
        np.put_along_axis(pull, place, np.where(own, pulled, 0.0), axis=1)
        directions.append(np.where(targets, end, pull @ inverse))
    towards = np.vstack(directions)
    ahead, _ = _reach(region, x, towards.T, np.vstack([targets, targets]).T)
    tables: Floats = x + towards * np.minimum(ahead, 1.0)[:, None]
    return tables


def steer(region: Region, inside: Region, aims: Floats) -> Floats:
    """Tables far along each of some aims, forth and back, that spare whatever else is shown.

    Args:
        region: what is to be spared.
        inside: what the tables must agree with; its groups are those of `region`.
        aims: aims x groups.

    Returns:
        2 x aims, groups: all forth, then all back.
    """
    x, bending = _centre(region)
    directions = bending.towards(aims.T)
    ahead, back = _reach(inside, x, directions)
    ends = [directions * (STRIDE * ahead), -directions * (STRIDE * back)]
    tables: Floats = x + np.hstack(ends).T
    return tables


def _reach(region: Region, x: Floats, directions: Floats, bound: Mask | None = None) -> tuple[Floats, Floats]:
    """Steps along each direction and against it until something is in the way; `bound` groups never are."""
    at, moved = region.rows @ x, region.rows @ directions
    speed = np.concatenate([directions if bound is None else np.where(bound, 0.0, directions), moved])
    up = speed / np.concatenate([region.above - x, region.most - at])[:, None]
    down = speed / np.concatenate([x - region.below, at - region.least])[:, None]
    fastest = np.maximum(up.max(axis=0, initial=0.0), -down.min(axis=0, initial=0.0))
    backwards = np.maximum(down.max(axis=0, initial=0.0), -up.min(axis=0, initial=0.0))
    return 1.0 / np.maximum(fastest, SLOW), 1.0 / np.maximum(backwards, SLOW)


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
        size = np.sqrt(curvature)
        even = (rows / size) * np.sqrt(stiffness)[:, None]
        kernel = even @ even.T  # of one table with itself: half the work
        kernel.flat[:: len(rows) + 1] += 1.0
        return cls(curvature, even / size, kernel)

    def towards(self, aims: Floats) -> Floats:
        """The inverse times groups x aims: directions that serve the aims and spare the rows."""
        bent: Floats = self.spread.T @ _solve(self.kernel, self.spread @ aims)
        return aims / self.curvature[:, None] - bent


def _centre(region: Region) -> tuple[Floats, _Bending]:
    """A central point, and how the barrier bends there."""
    x = region.start * (0.9 * min(1.0, _first_step(region)))
    for _ in range(ITERATIONS):
        slope, curvature, stiffness = _barrier(region, x)
        step = -_Bending.of(region.rows, curvature, stiffness).towards(slope[:, None])[:, 0]
        decrement = float(np.sqrt(max(float(-(slope @ step)), 0.0)))
        x = x + step * min(1.0, 0.8 * float(_reach(region, x, step[:, None])[0][0]))
        if decrement < CENTRED:
            break
    _, curvature, stiffness = _barrier(region, x)
    return x, _Bending.of(region.rows, curvature, stiffness)


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
