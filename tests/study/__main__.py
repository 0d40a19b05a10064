"""`python -m tests.study`: simulate, count, and write the page. See `make study`."""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from tests.study import in_r, page, store
from tests.study.plan import QUICK, Plan
from tests.study.work import carry_out

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "analysis" / "STUDY.md"
SCRATCH = ROOT / "var" / "study"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.study", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions; the page goes to var/study")
    parser.add_argument("--again", action="store_true", help="new page from the sums of the last run")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    plan = QUICK if chosen.quick else Plan()
    sums = SCRATCH / ("quick.npz" if chosen.quick else "sums.npz")
    target = SCRATCH / "STUDY.md" if chosen.quick else PAGE
    if not chosen.again:
        simulate(plan, chosen.processes, sums)
    if chosen.quick:
        shutil.copy(PAGE, target)
    write(plan, sums, target)
    say(f"{target.relative_to(ROOT)} and {target.parent.relative_to(ROOT) / page.FIGURES}")


def simulate(plan: Plan, processes: int, sums: Path) -> None:
    """Carry out the plan and keep the sums."""
    start = time.monotonic()

    def said(name: str, done: int, count: int) -> None:
        say(f"{time.monotonic() - start:6.0f} s  {done}/{count}  {name}")

    store.save_sums(sums, carry_out(plan, processes, said))


def write(plan: Plan, sums: Path, target: Path) -> None:
    """Tables, results, plots and the blocks of the page, from the sums."""
    # Here, since matplotlib is slow to import and the processes that simulate have no use for it.
    from tests.study import plots
    from tests.study.all_tables import build_tables

    folder = target.parent / page.FIGURES
    stored = folder / "results.json"
    known = store.load_results(stored).in_r if stored.exists() else {}
    checked = in_r.deviations(plan) if in_r.available() else known
    tables = build_tables(plan, store.load_sums(sums))
    results = store.Results(store.settings_of(plan), tables, checked)
    store.save_results(stored, results)
    plots.draw(tables, folder)
    page.write(target, results)


if __name__ == "__main__":
    main()
