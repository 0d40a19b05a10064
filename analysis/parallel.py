"""The same work for many municipalities, over several processes.

Processes are forked, so what the work reads is there without being sent; only results travel back, in order:
the number of processes changes nothing but the time.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
PIECES_PER_PROCESS = 4  # more than one, so that a slow piece at the end keeps nobody waiting
WORTH_FORKING = 2.0  # CPU seconds of work left: processes cost up to one themselves

_work: Callable[[int, int], list[object]]  # of a forked process, which has it from its parent


def in_order(work: Callable[[Item], Result], items: Sequence[Item], jobs: int = 1) -> Iterator[Result]:
    """`work` of every item, in the order of the items.

    Args:
        work: changes nothing outside itself; its result can be pickled.
        items: what to work on.
        jobs: processes; 1 works here and now, item by item. So does any number while what is left seems to
            take less than `WORTH_FORKING`, judged by what is done.
    """
    taken = 0.0
    for done, item in enumerate(items):
        left = len(items) - done
        if jobs > 1 and done and left > 1 and taken / done * left >= WORTH_FORKING:
            yield from _in_processes(work, items[done:], jobs)
            return
        start = time.process_time()
        found = work(item)
        taken += time.process_time() - start
        yield found


def _in_processes(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """`work` of every item by forked processes, some items at a time."""
    pieces = min(len(items), jobs * PIECES_PER_PROCESS)
    edges = [len(items) * piece // pieces for piece in range(pieces + 1)]

    def part(first: int, end: int) -> list[object]:
        return [work(item) for item in items[first:end]]

    with ProcessPoolExecutor(
        min(jobs, pieces), multiprocessing.get_context("fork"), initializer=_receive, initargs=(part,)
    ) as pool:
        for found in pool.map(_piece, edges[:-1], edges[1:]):
            yield from found  # type: ignore[misc]


def _receive(work: Callable[[int, int], list[object]]) -> None:
    """Keep the work of this process: a fork is handed it as it is, unpickled."""
    global _work
    _work = work


def _piece(first: int, end: int) -> list[object]:
    return _work(first, end)
