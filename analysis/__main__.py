"""`python -m analysis BUNDLE --out OUT`: a folder of CSV files in, a folder of CSV files out.

BUNDLE holds strata.csv, population.csv, sample.csv, responses.csv and indicators.csv. The steps, in order:
weights, estimates, disclosure control, changes. Malformed input stops with file, line, column, what was found
and what was expected; exit code 2, nothing written. METHODS.md describes files and methods.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

# The matrices are small: a second thread only makes the cores wait for each other. numpy reads this once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from analysis import indices, pipeline, provenance, table_command, writing
from analysis.errors import EXIT_CODE, NOTHING_WRITTEN, AnalysisError
from analysis.schema import read_bundle
from analysis.settings import Calibration, Interval, Settings
from analysis.summary import summarise

DESCRIPTION = """\
Official statistics from a local safety survey: weights, estimates with their uncertainty, and changes since
the previous wave, for every municipality, area, gender and age group at once, from CSV files to CSV files."""
EPILOG = """\
files in (in BUNDLE):
  strata.csv population.csv sample.csv responses.csv indicators.csv; if there are any also domains.csv
  age_groups.csv margins.csv indices.csv. Columns: METHODS.md, "Files".

files out (in OUT):
  weights.csv         design weight, adjusted for non-response (M-3), calibrated (M-4) and trimmed (M-5)
  estimates.csv       shares and means with se, df, n_eff, interval (M-6 to M-8); released, or why not
  changes.csv         change, test, corrected p, verdict, detectable change (M-9 to M-13)
  gender_gaps.csv     women less men, and how the gap changed (M-14)
  diagnostics.csv     response, R-indicator, design effect, weights (M-17, M-18)
  response_rates.csv  drawn and answered by municipality, register sex and age group
  manifest.json       versions, options, seed, SHA-256 of every file, CPU seconds, warnings

what is done unless said otherwise:
  Respondents stand for the non-respondents of their response group; weights are raked to register sex x age
  and to area, and cut at 5 medians. Figures may be shown from 30 answers, 30 effective answers and a narrow
  enough interval (M-15); few persons on a sensitive item are never shown (M-16). Headline indicators are
  tested by Holm, the rest by Benjamini-Hochberg (M-11).

examples:
  python -m analysis survey2026 --out results
  python -m analysis survey2026 --out internal --no-disclosure --waves 2022,2026
  python -m analysis table survey2026 --item q04 --by gender --by housing     one table; see: table --help

exit codes:
  0 done; 2 something in the input or the options stops the run: file, line and column are named on stderr and
  nothing is written."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if words[:1] == ["table"]:
            print(table_command.run(words[1:]))  # noqa: T201
        else:
            _run(_parser().parse_args(words))
    except AnalysisError as error:
        print(f"{error}\n{NOTHING_WRITTEN}", file=sys.stderr)  # noqa: T201
        return EXIT_CODE
    except OSError as error:
        print(f"{error.filename}: {error.strerror}\n{NOTHING_WRITTEN}", file=sys.stderr)  # noqa: T201
        return EXIT_CODE
    return 0


def _run(options: argparse.Namespace) -> None:
    start = time.process_time()
    writing.check_target(options.out)
    settings = _settings(options)
    bundle = read_bundle(options.bundle)
    if options.waves and (unknown := sorted(set(options.waves) - set(bundle.waves))):
        raise AnalysisError(
            f"--waves names {', '.join(unknown)}; the bundle has the waves {', '.join(bundle.waves)}."
        )
    read = time.process_time() - start
    results = pipeline.run(
        bundle,
        settings,
        _progress,
        waves=options.waves,
        protected=not options.no_disclosure,
        jobs=options.jobs,
    )
    manifest = {
        "versions": provenance.versions(),
        "options": {"waves": options.waves, "no_disclosure": options.no_disclosure, **settings.as_dict()},
        "seed": settings.seed,
        "disclosure": results.disclosure,
        "waves": list(bundle.waves),
        "indices": [
            {
                "indicator": one.indicator,
                "version": one.version,
                "sha256": one.sha256,
                "items": list(one.scores),
            }
            for one in indices.recipes(bundle.indicators, bundle.indices)
        ],
        "inputs": {
            path.name: {"sha256": provenance.file_sha256(path)}
            for path in sorted(options.bundle.glob("*.csv"))
        },
        "cpu_seconds": {"read": round(read, 4), **results.seconds},
        "warnings": list(results.warnings),
    }
    rows = writing.write_results(results, options.out, manifest, options.jobs)
    print(summarise(bundle, results, rows, options.out, time.process_time() - start))  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    files = parser.add_argument_group("input and output")
    files.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder with the input files")
    files.add_argument(
        "--out",
        type=Path,
        required=True,
        help="folder for the results; an earlier run's results there are replaced",
    )
    method = parser.add_argument_group("method")
    method.add_argument(
        "--profile",
        choices=("default", "reference"),
        default="default",
        help="default: METHODS.md M-2 to M-18; reference: what R's survey package computes (M-19)",
    )
    method.add_argument(
        "--calibration",
        choices=get_args(Calibration),
        help="how weights meet the known totals (default: raking, logit within bounds when it strays; M-4)",
    )
    method.add_argument(
        "--linearization",
        choices=("leverage", "deville-sarndal"),
        help="residuals of the variance (default: leverage, right for small municipalities; M-7)",
    )
    method.add_argument(
        "--interval",
        choices=get_args(Interval),
        help="intervals of proportions (default: wilson on the effective sample size; M-8)",
    )
    comparison = parser.add_argument_group("comparison")
    comparison.add_argument(
        "--waves",
        type=_two_waves,
        metavar="A,B",
        help="compare these two (default: each code's last two; M-9)",
    )
    machine = parser.add_argument_group("machine")
    machine.add_argument(
        "--jobs",
        type=_at_least_one,
        default=1,
        metavar="N",
        help="processes to use (default 1); the results do not depend on it",
    )
    disclosure = parser.add_argument_group("disclosure")
    disclosure.add_argument(
        "--no-disclosure",
        action="store_true",
        help="keep the figures of rows that may not be shown: internal tables, marked so in the manifest",
    )
    return parser


def _at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _two_waves(text: str) -> tuple[str, str]:
    waves = sorted(wave.strip() for wave in text.split(","))
    if len(waves) != 2 or not all(waves) or waves[0] == waves[1]:
        raise argparse.ArgumentTypeError(f"{text!r} does not name two waves, such as 2024,2025")
    return waves[0], waves[1]


def _settings(options: argparse.Namespace) -> Settings:
    settings = Settings.reference() if options.profile == "reference" else Settings.default()
    chosen: dict[str, Any] = {
        name: getattr(options, name)
        for name in ("calibration", "linearization", "interval")
        if getattr(options, name) is not None
    }
    return replace(settings, **chosen)


def _progress(label: str, done: int, total: int) -> None:
    """Percent on one line of a terminal; elsewhere one line when a phase is done."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        print(f"\r{label}: {100 * done // total} %", end=end, file=sys.stderr, flush=True)  # noqa: T201
    elif done >= total:
        print(f"{label}: done", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
