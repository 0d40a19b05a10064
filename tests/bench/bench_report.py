"""What a report costs: CPU seconds and the ratio to the same words as plain paragraphs, in the same run.

A benchmark, not a test: `make bench-report`. Both are warm, in random order, with the rubbish collection off.
The ratio is the figure to watch: seconds move with the machine and its neighbours. Goals: at most 5 times the
floor, at most 1.3 CPU seconds.
"""

import argparse
import gc
import random
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "publication"))

import golden

from survey.publication.payload import build_payload
from survey.publication.rendering import compose, render
from survey.publication.tables import released_table
from survey.typesetting import load_stylesheet, typeset

PLAIN = """
@font-face { font-family: Inter; src: url(font:inter-400) }
@font-face { font-family: "Inter Extended"; src: url(font:inter-ext-400) }
@page { size: A4; margin: 20mm }
html { font-family: Inter, "Inter Extended"; font-size: 9.5pt; line-height: 1.45 }
"""
WORDS_IN_PARAGRAPH = 60
GOAL_RATIO, GOAL_SECONDS = 5.0, 1.3


def words_of(page: str) -> list[str]:
    """Every word that is typeset: of text, tables and charts, not of alternative texts."""
    visible = re.sub(r"<head>.*?</head>|<title>.*?</title>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", visible).replace("&amp;", "&").split()


def plain_page(words: list[str]) -> str:
    """The same words as paragraphs and nothing else: what WeasyPrint cannot do faster."""
    parts = [words[at : at + WORDS_IN_PARAGRAPH] for at in range(0, len(words), WORDS_IN_PARAGRAPH)]
    text = "".join(f"<p>{escape(' '.join(part), quote=False)}</p>" for part in parts)
    return f'<html lang="sv"><head><title>Ord</title></head><body><h1>Ord</h1>{text}</body></html>'


def cpu_seconds(work: Callable[[], bytes]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(name: str, rounds: int) -> tuple[float, float, int]:
    """Median CPU seconds of a golden report and of its floor, and the size of the report."""
    released = golden.CASES[name]()
    report, table = build_payload(released), released_table(released)
    plain, style = plain_page(words_of(compose(report))), load_stylesheet(PLAIN)
    jobs: dict[str, Callable[[], bytes]] = {
        "report": lambda: render(report, table),
        "floor": lambda: typeset(plain, style),
    }
    size = max(len(work()) for work in jobs.values())  # the first of each is warming up
    found: dict[str, list[float]] = {job: [] for job in jobs}
    for _ in range(rounds):
        for job in random.sample(list(jobs), len(jobs)):
            gc.collect()
            found[job].append(cpu_seconds(jobs[job]))
    return statistics.median(found["report"]), statistics.median(found["floor"]), size


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("cases", nargs="*", default=["typical", "uncertain", "large"])
    chosen = parser.parse_args()
    gc.disable()
    say(f"{'report':<12}{'CPU s':>8}{'floor s':>9}{'ratio':>7}{'kB':>6}")
    for name in chosen.cases:
        seconds, floor, size = measure(name, chosen.rounds)
        say(f"{name:<12}{seconds:>8.2f}{floor:>9.2f}{seconds / floor:>7.1f}{size / 1000:>6.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"goals: ratio at most {GOAL_RATIO}, CPU s at most {GOAL_SECONDS}; peak here {peak:.0f} MB")


if __name__ == "__main__":
    main()
