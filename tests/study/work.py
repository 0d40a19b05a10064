"""The runs, shared between processes: batches of repetitions in, sums out, the same whatever the sharing."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache

# The matrices are small: a second thread only makes the cores wait for each other. numpy reads this once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.study.fieldwork import ask
from tests.study.measures import Sums, add, measure
from tests.study.plan import RUNS, Plan, Run
from tests.study.populations import Population, build

Said = Callable[[str, int, int], None]


@lru_cache(maxsize=len(RUNS))
def population_of(run: Run, plan: Plan) -> Population:
    """The population of a run, kept while its batches last."""
    return build(run, plan)


def batches(run: Run, plan: Plan) -> list[range]:
    """The repetitions of a run, cut into batches."""
    count = plan.repetitions_of(run)
    return [range(start, min(start + plan.batch, count)) for start in range(0, count, plan.batch)]


def work(task: tuple[Run, range, Plan]) -> Sums:
    """One batch: draw, ask, weigh, estimate, compare, count."""
    run, repetitions, plan = task
    population = population_of(run, plan)
    bundle = ask(population, run, plan, repetitions)
    return measure(population, bundle, run.with_r)


def carry_out(plan: Plan, processes: int, said: Said) -> dict[str, Sums]:
    """The sums of every run, by its name.

    Args:
        plan: the runs.
        processes: how many at a time; the results do not depend on it, since batches are added in order.
        said: called with a run's name, batches done and batches in all.
    """
    tasks = [(run, part, plan) for run in plan.runs for part in batches(run, plan)]
    found: dict[str, Sums] = {}
    with ProcessPoolExecutor(processes) as pool:
        for number, ((run, _, _), sums) in enumerate(zip(tasks, pool.map(work, tasks), strict=True), start=1):
            found[run.name] = add(found.get(run.name, {}), sums)
            said(run.name, number, len(tasks))
    return found
