"""What the statistics cost: CPU seconds and memory of whole processes, side by side with their peers.

A benchmark, not a test: `make bench-analysis`. Sizes are invented surveys of `analysis.synthetic`. The bare
import of numpy, scipy.stats and pandas is measured beside the runs and taken off. The floor reads and writes
the same files with nothing between. R's `survey` (Debian's r-cran-survey), svy and samplics do the small size
as their users would (tests/bench/peers); whichever is not there is left out and said so. Seconds move with
the machine and its neighbours: quote the ratios.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.synthetic_population import SIZES

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
VENV = ROOT / "var" / "bench"
GOALS = {"full": (0.6, 1.5, 400), "large": (6.0, 15.0, 1500)}  # phases, process (CPU seconds), MB
PHASES_APART = ("read", "secondary", "write")
IMPORTS = "import numpy, scipy.stats, pandas"
FLOOR = """
import sys
from pathlib import Path
from pyarrow import csv
for folder, target in ((sys.argv[1], None), (sys.argv[2], sys.argv[3])):
    for file in sorted(Path(folder).glob("*.csv")):
        table = csv.read_csv(file, read_options=csv.ReadOptions(use_threads=False))
        if target:
            csv.write_csv(table, Path(target) / file.name, csv.WriteOptions(quoting_style="none"))
"""


@dataclass(frozen=True)
class Cost:
    """A finished process: CPU seconds (user and system), memory in MB."""

    seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:8.2f} CPU s {self.megabytes:7.0f} MB"


def cost_of(command: Sequence[str | Path]) -> Cost:
    """Run a command to its end. The peak is of the largest single process."""
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, cwd=ROOT
    ) as process:
        error = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{error.decode()[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median_cost(command: Sequence[str | Path], rounds: int) -> Cost:
    """The median seconds and memory of several runs."""
    costs = [cost_of(command) for _ in range(rounds)]
    return Cost(
        *(statistics.median(getattr(cost, name) for cost in costs) for name in ("seconds", "megabytes"))
    )


def measure(size: str, folder: Path, rounds: int) -> Cost:
    """The engine on one size, phase by phase, with its distance to the goals and to the floor."""
    bundle, out = folder / size, folder / f"{size}-out"
    cost_of([sys.executable, "-m", "analysis.synthetic", bundle, "--size", size])
    (bundle / "truth.csv").unlink()
    bare = median_cost([sys.executable, "-c", IMPORTS], rounds).seconds
    found = None
    for label, options in (
        ("everything", []),
        ("without areas", ["--without-areas"]),
        ("2 processes", ["--jobs", "2"]),
    ):
        cost = median_cost([sys.executable, "-m", "analysis", bundle, "--out", out, *options], rounds)
        manifest = json.loads((out / "manifest.json").read_text())
        phases = manifest["cpu_seconds"]
        inner = sum(seconds for name, seconds in phases.items() if name not in PHASES_APART)
        rows = {name: manifest["outputs"][f"{name}.csv"]["rows"] for name in ("estimates", "changes")}
        net = cost.seconds - bare - phases.get("secondary", 0.0)
        print(f"{size}, {label}: {rows['estimates']:,} estimates, {rows['changes']:,} changes")
        print(f"  whole process {cost}; less imports ({bare:.2f}) and secondary suppression: {net:.2f}")
        print(f"  columns to tables {inner:.2f}: {json.dumps(phases)}")
        if size in GOALS:
            tables, whole, memory = GOALS[size]
            print(
                f"  times the goals: phases {inner / tables:.2f}, process {net / whole:.2f}, memory "
                f"{cost.megabytes / memory:.2f}"
            )
        found = found or cost
    copy = folder / "copy"
    copy.mkdir(exist_ok=True)
    floor = median_cost([sys.executable, "-c", FLOOR, bundle, out, copy], rounds)
    print(f"  floor (read and write the same files) {floor}")
    shutil.rmtree(bundle if size == "large" else copy)
    return found or floor


def peers() -> dict[str, Callable[[Path], list[str | Path]]]:
    """The peers that are there, or can be installed into an environment of their own."""
    found: dict[str, Callable[[Path], list[str | Path]]] = {}
    if (
        shutil.which("Rscript")
        and not subprocess.run(
            ["Rscript", "-e", "library(survey)"], capture_output=True, check=False
        ).returncode
    ):
        found["R survey"] = lambda bundle: ["Rscript", PEERS / "survey_peer.R", bundle]
    for name, packages in (("svy", ["svy", "polars"]), ("samplics", ["samplics", "pandas"])):
        python = VENV / name / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", VENV / name], check=True)
            subprocess.run(
                [python, "-m", "pip", "install", "--quiet", *packages], check=False, stderr=subprocess.DEVNULL
            )
        if not subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode:
            found[name] = lambda bundle, python=python, name=name: [python, PEERS / f"{name}_peer.py", bundle]
    return found


def compare(folder: Path, ours: Cost) -> None:
    """The peers on the small size; their figures are municipalities only, and none writes a file."""
    known = peers()
    for name in ("R survey", "svy", "samplics"):
        if name not in known:
            print(f"{name}: not there, left out")
            continue
        cost = cost_of(known[name](folder / "small"))
        print(f"{name:10s} {cost}: {cost.seconds / ours.seconds:.0f} times ours, imports and files included")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="small,full", help=f"of {', '.join(SIZES)} (default: small,full)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each command; the median counts")
    parser.add_argument("--no-peers", action="store_true", help="the engine alone")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in options.sizes.split(","):
            cost = measure(size, folder, 1 if size == "large" else options.rounds)
            if size == "small" and not options.no_peers:
                compare(folder, cost)


if __name__ == "__main__":
    main()
