"""`python -m analysis BUNDLE --out OUT`: a folder of CSV files in, a folder of CSV files out.

BUNDLE holds strata.csv, population.csv, sample.csv, responses.csv and indicators.csv. The steps, in order:
weights, estimates, disclosure control, changes. Malformed input stops with file, line, column, what was found
and what was expected; exit code 2, nothing written. METHODS.md describes files and methods. The first words
`table` and `precision` name commands of their own.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

# The matrices are small: a second thread only makes the cores wait for each other. numpy reads this once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from analysis import indices, pipeline, provenance, small_groups, writing
from analysis.errors import EXIT_CODE, NOTHING_WRITTEN, AnalysisError
from analysis.options import OF_THE_RUN, parser, settings_of
from analysis.schema import read_bundle
from analysis.summary import summarise

COMMANDS = {"table": "analysis.table_command", "precision": "analysis.precision_command"}  # loaded when named


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if words and words[0] in COMMANDS:
            print(import_module(COMMANDS[words[0]]).run(words[1:]))  # noqa: T201
        else:
            _run(parser().parse_args(words))
    except AnalysisError as error:
        print(f"{error}\n{NOTHING_WRITTEN}", file=sys.stderr)  # noqa: T201
        return EXIT_CODE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"{place}{error.strerror or error}\n{NOTHING_WRITTEN}", file=sys.stderr)  # noqa: T201
        return EXIT_CODE
    return 0


def _run(options: argparse.Namespace) -> None:
    start = pipeline.cpu_seconds()
    writing.check_target(options.out)
    settings = settings_of(options)
    bundle = read_bundle(options.bundle)
    there = (*bundle.waves, *bundle.published_waves)
    if options.waves and (unknown := sorted(set(options.waves) - set(there))):
        raise AnalysisError(
            f"--waves names {', '.join(unknown)}; the bundle has the waves {', '.join(there)}."
        )
    read = pipeline.cpu_seconds() - start
    results = pipeline.run(
        bundle,
        settings,
        _progress,
        waves=options.waves,
        protected=not options.no_disclosure,
        jobs=options.jobs,
        small_area_geography=options.small_areas,
        pool=options.pool,
        trend=options.trends,
        standardised=options.standardised,
        audit=options.replicates,
    )
    if not options.no_disclosure:
        items, quality = small_groups.without_victims(results.item_nonresponse, results.quality, bundle)
        results = replace(results, item_nonresponse=items, quality=quality)
    manifest = {
        "versions": provenance.versions(),
        "options": {**{name: getattr(options, name) for name in OF_THE_RUN}, **settings.as_dict()},
        "seed": settings.seed,
        "disclosure": results.disclosure,
        "audience": "analysts under statistical secrecy; public files are made from these rows by rounding",
        "waves": list(bundle.waves),
        "indices": [recipe.identity() for recipe in indices.recipes(bundle.indicators, bundle.indices)],
        "inputs": {
            path.name: {"sha256": provenance.file_sha256(path)}
            for path in sorted(options.bundle.glob("*.csv"))
        },
        "cpu_seconds": {"read": round(read, 4), **results.seconds},
        "warnings": list(results.warnings),
    }
    rows = writing.write_results(results, options.out, manifest, options.jobs)
    print(summarise(bundle, results, rows, options.out, pipeline.cpu_seconds() - start))  # noqa: T201


def _progress(label: str, done: int, total: int) -> None:
    """Percent on one line of a terminal; elsewhere one line when a phase is done."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        print(f"\r{label}: {100 * done // total} %", end=end, file=sys.stderr, flush=True)  # noqa: T201
    elif done >= total:
        print(f"{label}: done", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
