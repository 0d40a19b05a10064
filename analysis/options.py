"""The options of `python -m analysis BUNDLE --out OUT`, and the help a statistician reads first."""

import argparse
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any, get_args

from analysis.settings import (
    Calibration,
    Degrees,
    Interval,
    Linearization,
    Membership,
    ResponseGroups,
    Settings,
    Trimming,
)

DESCRIPTION = """\
Official statistics from a local safety survey: weights, estimates with their uncertainty, and changes since
the previous wave, for every municipality, area, gender and age group at once, from CSV files to CSV files."""
EPILOG = """\
files in (in BUNDLE; columns in METHODS.md, "Files"):
  strata.csv population.csv sample.csv responses.csv indicators.csv; if there are any also domains.csv
  age_groups.csv margins.csv breaks.csv items.csv routing.csv published.csv indices.csv covariates.csv

files out (in OUT):
  weights.csv           design weight, adjusted for non-response (M-3), calibrated (M-4) and trimmed (M-5)
  estimates.csv         shares and means with se, df, n_eff, interval (M-6 to M-8); released, or why not
  changes.csv           change, test, corrected p, verdict, detectable change (M-9 to M-13)
  comparisons.csv       beside the region, its kind, the municipality, in level and in change (M-23)
  gender_gaps.csv       women less men, and how the gap changed (M-14)
  diagnostics.csv       response, R-indicator, design effect, weights (M-17, M-18)
  quality.csv           quality declaration: response, R-indicators with limits, modes, weights by step (M-28)
  response_rates.csv
  item_nonresponse.csv  who was asked, answered, passed; what follows on something sensitive is empty (M-28)
  manifest.json         versions, options, seed, SHA-256 of every file, CPU seconds, warnings

what is done unless said otherwise:
  Respondents stand for the non-respondents of their response group; weights are raked to register sex x age
  and to area, and cut at 5 medians. Figures may be shown from 30 answers, 30 effective answers and a narrow
  enough interval (M-15); few persons on a sensitive item are never shown, nor what they would follow from
  (M-16, M-20), nor how many were asked what only victims are asked (M-28). Headline indicators are tested by
  Holm, the rest by Benjamini-Hochberg (M-11).

examples:
  python -m analysis survey2026 --out results
  python -m analysis survey2026 --out internal --no-disclosure --waves 2022,2026
  python -m analysis table survey2026 --item q04 --by gender --by housing   one table; see: table --help
  python -m analysis precision --help                                       what a planned sample can show
  python -m analysis.synthetic survey --size full                           an invented survey to try it on

exit codes:
  0 done; 2 something in the input or the options stops the run: file, line and column are named on stderr and
  nothing is written."""
OF_THE_RUN = ("waves", "no_disclosure", "pool", "replicates", "small_areas", "standardised", "trends")
CHOICES = (
    *("calibration", "membership", "response_groups", "linearization", "degrees", "interval"),
    *("trimming", "trim_factor"),
)


def parser() -> argparse.ArgumentParser:
    """The parser; METHODS.md anchors stand beside each method."""
    made = argparse.ArgumentParser(
        prog="python -m analysis",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    files = made.add_argument_group("input and output")
    files.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder with the input files")
    text = "folder for the results; an earlier run's results there are replaced"
    files.add_argument("--out", type=Path, required=True, help=text)
    _add_method(made)
    _add_tables(made)
    disclosure = made.add_argument_group("disclosure")
    text = "keep the figures of rows that may not be shown: internal tables, marked so in the manifest"
    disclosure.add_argument("--no-disclosure", action="store_true", help=text)
    machine = made.add_argument_group("machine")
    text = "processes to use (default 1); the results do not depend on it"
    machine.add_argument("--jobs", type=_at_least_one, default=1, metavar="N", help=text)
    return made


def settings_of(options: argparse.Namespace) -> Settings:
    """The profile with what the command line chose instead."""
    settings = Settings.reference() if options.profile == "reference" else Settings.default()
    chosen: dict[str, Any] = {
        name: getattr(options, name) for name in CHOICES if getattr(options, name) is not None
    }
    return replace(settings, areas=not options.without_areas, **chosen)


def _add_method(made: argparse.ArgumentParser) -> None:
    """What may be chosen instead of the profile's."""
    group = made.add_argument_group("method")
    text = "default: METHODS.md M-2 to M-18; reference: what R's survey package computes (M-19)"
    group.add_argument("--profile", choices=("default", "reference"), default="default", help=text)
    choices: dict[str, tuple[Any, str]] = {
        "--calibration": (
            Calibration,
            "how weights meet the known totals (default: raking, logit within bounds when it strays; M-4)",
        ),
        "--membership": (Membership, "whose sex margin A counts (default: register; M-33)"),
        "--response-groups": (
            ResponseGroups,
            "who stands for whom (default: cells, with further margins propensity classes; M-3, M-34)",
        ),
        "--linearization": (
            Linearization,
            "residuals of the variance (default: leverage, right for small municipalities; M-7)",
        ),
        "--degrees": (
            Degrees,
            "of freedom: members less strata, or fewer where few decide the variance (default: members; M-7)",
        ),
        "--interval": (
            Interval,
            "intervals of proportions (default: wilson on the effective sample size; M-8)",
        ),
        "--trimming": (Trimming, "what happens to extreme weights (default: recalibrate; M-5)"),
    }
    for name, (kind, words) in choices.items():
        group.add_argument(name, choices=get_args(kind), help=words)
    text = "cap of a weight, in medians of its municipality (default 5; M-5)"
    group.add_argument("--trim-factor", type=_above_one, metavar="TIMES", help=text)


def _add_tables(made: argparse.ArgumentParser) -> None:
    """What is compared, and the tables that are made when asked for."""
    group = made.add_argument_group("comparison and further tables")
    text = "compare these two waves (default: each code's last two; M-9)"
    group.add_argument("--waves", type=_two_waves, metavar="A,B", help=text)
    group.add_argument("--without-areas", action="store_true", help="no rows of single areas")
    text = "also trends.csv: each figure over all its waves (M-24)"
    group.add_argument("--trends", action="store_true", help=text)
    text = "also standardised_changes.csv: changes at the previous wave's composition by sex and age (M-22)"
    group.add_argument("--standardised", action="store_true", help=text)
    text = "also pooled.csv: each code's last two or three waves as one sample (M-25)"
    group.add_argument("--pool", type=int, choices=(2, 3), default=0, help=text)
    text = "also small_areas.csv, for `area` or a geography of domains.csv: direct, pooled or model (M-29)"
    group.add_argument("--small-areas", metavar="GEOGRAPHY", help=text)
    text = "also replicates.csv: the standard errors audited by the jackknife, slow (M-35)"
    group.add_argument("--replicates", action="store_true", help=text)


def _at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _above_one(text: str) -> float:
    """A finite number above 1: below it, more than half of the weights would be cut."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1.0 < value < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 1")
    return value


def _two_waves(text: str) -> tuple[str, str]:
    waves = sorted(wave.strip() for wave in text.split(","))
    if len(waves) != 2 or not all(waves) or waves[0] == waves[1]:
        raise argparse.ArgumentTypeError(f"{text!r} does not name two waves, such as 2024,2025")
    return waves[0], waves[1]
