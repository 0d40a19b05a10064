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

from analysis import pipeline, provenance, writing
from analysis.errors import EXIT_CODE, NOTHING_WRITTEN, AnalysisError
from analysis.schema import Bundle, read_bundle
from analysis.settings import Calibration, Interval, Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
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
        bundle, settings, _progress, waves=options.waves, protected=not options.no_disclosure
    )
    manifest = {
        "versions": provenance.versions(),
        "options": {"waves": options.waves, "no_disclosure": options.no_disclosure, **settings.as_dict()},
        "seed": settings.seed,
        "disclosure": results.disclosure,
        "audience": "analysts under statistical secrecy; public files are made from these rows by rounding",
        "waves": list(bundle.waves),
        "inputs": {
            path.name: {"sha256": provenance.file_sha256(path)}
            for path in sorted(options.bundle.glob("*.csv"))
        },
        "cpu_seconds": {"read": round(read, 4), **results.seconds},
        "warnings": list(results.warnings),
    }
    rows = writing.write_results(results, options.out, manifest)
    print(_summary(bundle, results, rows, options.out, time.process_time() - start))  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis", description="Weights, estimates and changes of a local safety survey."
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder with the input files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--profile", choices=("default", "reference"), default="default", help="the method")
    parser.add_argument("--calibration", choices=get_args(Calibration), help="instead of the profile's")
    parser.add_argument(
        "--linearization", choices=("leverage", "deville-sarndal"), help="instead of the profile's"
    )
    parser.add_argument("--interval", choices=get_args(Interval), help="instead of the profile's")
    parser.add_argument(
        "--waves", type=_two_waves, metavar="A,B", help="compare these two (default: each code's last two)"
    )
    parser.add_argument(
        "--no-disclosure",
        action="store_true",
        help="keep the figures of rows that may not be shown (internal)",
    )
    return parser


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
    end = "\n" if done >= total else ""
    print(f"\r{label}: {done} of {total}", end=end, file=sys.stderr, flush=True)  # noqa: T201


def _summary(
    bundle: Bundle, results: pipeline.Results, rows: dict[str, int], out: Path, seconds: float
) -> str:
    estimates, changes = results.estimates, results.changes
    verdicts = changes["verdict"].value_counts()
    lines = [
        f"{len(bundle.sample)} drawn, {len(bundle.responses)} answered, waves {', '.join(bundle.waves)}",
        f"{len(estimates)} estimates, {int(estimates['released'].sum())} of them may be shown",
        f"{len(changes)} changes: " + ", ".join(f"{verdicts.get(word, 0)} {word}" for word in VERDICTS),
        f"disclosure control: {results.disclosure}; {len(results.warnings)} warnings in manifest.json",
        f"{sum(rows.values())} rows in {len(rows)} files under {out}, {seconds:.1f} CPU seconds",
    ]
    return "\n".join(lines)


VERDICTS = ("up", "down", "unchanged", "too_uncertain", "not_comparable")

if __name__ == "__main__":
    sys.exit(main())
