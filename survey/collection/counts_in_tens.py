"""Which counts of the fieldwork a municipality may see: whole tens, and none that tell on a few.

Every count shown is rounded down to a multiple of ten, so that the difference of any two of them, between
days, groups or steps on the way to an answer, is one too: a few persons are never the difference. It stops
ten below the number drawn, so that those who have not done a thing are never known to be few. Groups of
few drawn are left out. What is left are the sums: where the parts of a whole were rounded down by so much
together that it must be by nearly nine each, each could be told exactly, and the parts wait for another day.
"""

from collections.abc import Mapping, Sequence

STEP = 10
FEWEST_DRAWN = 30  # as for the response rates of a release
MOST_TOLD = 4  # of the nine by which a count may exceed the one shown, how many the sums may tell


def in_tens(count: int, drawn: int) -> int:
    """The count as it is shown: 0 stands for fewer than ten."""
    return max(min(count, drawn - STEP), 0) // STEP * STEP


def shown_groups(drawn: Mapping[str, int]) -> frozenset[str]:
    """The groups of a whole that are shown: what they leave out is nobody, or no fewer than ten."""
    by_size = sorted(drawn, key=lambda group: (drawn[group], group))
    left_out = [group for group in by_size if drawn[group] < FEWEST_DRAWN]
    for group in by_size[len(left_out) :]:
        if not 0 < sum(drawn[other] for other in left_out) < STEP:
            break
        left_out.append(group)
    return frozenset(drawn) - frozenset(left_out)


def sums_tell(total: int, parts: Sequence[tuple[int, int]], left_out: int = 0) -> bool:
    """Whether the shown count of a whole says too much of its parts, each its shown count and number drawn.

    Of those `left_out` it must not say that all but a few have done the thing.
    """
    slack = total - sum(shown for shown, _ in parts)
    rooms = [_room(shown, drawn) for shown, drawn in parts]
    of_rest = slack - sum(rooms)
    return any(of_rest + room - left_out > MOST_TOLD for room in rooms) or 0 < left_out < of_rest + STEP


def _room(shown: int, drawn: int) -> int:
    """By how much the count may exceed the one shown."""
    return drawn - shown if shown == in_tens(drawn, drawn) else STEP - 1
