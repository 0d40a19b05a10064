"""What a report costs beside the same words as plain paragraphs, and beside Chromium's print of the page.

A benchmark, not a test: `make bench-report`. All are warm, in random order in one run, with the rubbish
collection off. The ratio is the figure to watch: seconds move with the machine and its neighbours. Chromium
prints the web edition in a fresh tab of one browser; its seconds are those of all its processes, dead ones
included.
"""

import argparse
import gc
import os
import random
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "publication"))

import golden
import pikepdf
from playwright.sync_api import Browser, sync_playwright

from survey.publication.downloads.tables import released_table
from survey.publication.payload import build_payload
from survey.publication.report.rendering import compose, render
from survey.publication.report.web_edition import web_page
from survey.typesetting import load_stylesheet, typeset

PLAIN = """
@font-face { font-family: Inter; src: url(font:inter-400) }
@font-face { font-family: "Inter Extended"; src: url(font:inter-ext-400) }
@page { size: A4; margin: 20mm }
html { font-family: Inter, "Inter Extended"; font-size: 9.5pt; line-height: 1.45 }
"""
WORDS_IN_PARAGRAPH = 60
GOAL_RATIO, GOAL_SECONDS, GOAL_KILOBYTES = 4.5, 1.3, 250


def words_of(page: str) -> list[str]:
    """Every word that is typeset: of text, tables and charts, not of alternative texts."""
    visible = re.sub(r"<head>.*?</head>|<title>.*?</title>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", visible).replace("&amp;", "&").split()


def plain_page(words: list[str]) -> str:
    """The same words as paragraphs and nothing else: what WeasyPrint cannot do faster."""
    parts = [words[at : at + WORDS_IN_PARAGRAPH] for at in range(0, len(words), WORDS_IN_PARAGRAPH)]
    text = "".join(f"<p>{escape(' '.join(part), quote=False)}</p>" for part in parts)
    return f'<html lang="sv"><head><title>Ord</title></head><body><h1>Ord</h1>{text}</body></html>'


def own_cpu() -> float:
    return time.process_time()


def browser_cpu() -> float:
    """CPU seconds of the browser's processes since it was started, with those of the tabs that are closed."""
    ticks = sum(ticks for name, ticks in _descendants(os.getpid()) if name.startswith("chrom"))
    return ticks / os.sysconf("SC_CLK_TCK")


def _descendants(parent: int) -> Iterator[tuple[str, int]]:
    """Name and clock ticks, those of its dead children too, of every process below one."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue  # it has ended meanwhile
        fields = rest.split()
        if int(fields[1]) == parent:
            yield name, sum(int(field) for field in fields[11:15])
            yield from _descendants(int(path.parent.name))


@dataclass(frozen=True)
class Job:
    """A way to a PDF, and the clock that counts what it costs."""

    work: Callable[[], bytes]
    clock: Callable[[], float]


def printed(browser: Browser, page: str) -> bytes:
    """Chromium's print of a page, tagged and with bookmarks as far as it goes."""
    tab = browser.new_page()
    tab.set_content(page)
    tab.evaluate("document.fonts.ready")
    pdf = tab.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    tab.close()
    return pdf


def jobs_of(name: str, browser: Browser) -> dict[str, Job]:
    released = golden.CASES[name]()
    report, table = build_payload(released), released_table(released)
    plain, style = plain_page(words_of(compose(report))), load_stylesheet(PLAIN)
    page = web_page(report, None).content.decode()
    return {
        "floor": Job(lambda: typeset(plain, style), own_cpu),
        "report": Job(lambda: render(report, table), own_cpu),
        "chromium": Job(lambda: printed(browser, page), browser_cpu),
    }


def measure(jobs: dict[str, Job], rounds: int) -> dict[str, float]:
    """Median CPU seconds by job."""
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name in random.sample(list(jobs), len(jobs)):
            gc.collect()
            started = jobs[name].clock()
            jobs[name].work()
            found[name].append(jobs[name].clock() - started)
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def tell(case: str, jobs: dict[str, Job], rounds: int) -> None:
    pdfs = {name: job.work() for name, job in jobs.items()}  # the first of each is warming up
    seconds = measure(jobs, rounds)
    for name, pdf in pdfs.items():
        with pikepdf.open(BytesIO(pdf)) as opened:
            pages = len(opened.pages)
        ratio = seconds[name] / seconds["floor"]
        say(f"{case:<12}{name:<10}{seconds[name]:>8.2f}{ratio:>7.1f}{pages:>7}{len(pdf) / 1000:>6.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("cases", nargs="*", default=["typical", "uncertain", "large"])
    chosen = parser.parse_args()
    gc.disable()
    say(f"{'report':<12}{'made by':<10}{'CPU s':>8}{'ratio':>7}{'pages':>7}{'kB':>6}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for case in chosen.cases:
            tell(case, jobs_of(case, browser), chosen.rounds)
        browser.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(
        f"goals: ratio at most {GOAL_RATIO}, CPU s at most {GOAL_SECONDS}, kB at most {GOAL_KILOBYTES}; "
        f"peak of this process {peak:.0f} MB"
    )


if __name__ == "__main__":
    main()
