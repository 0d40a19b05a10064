"""`python -m analysis table BUNDLE --item ITEM --by VARIABLE`: a free table, text or CSV. METHODS.md M-36."""

import argparse
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import writing
from analysis.free_tables import FreeTable, free_table
from analysis.schema import read_bundle
from analysis.settings import Settings
from analysis.weights import weigh

HIDDEN = ".."
DESCRIPTION = """\
Any indicator or item by one or two background variables: weighted shares and means with 95 % intervals, each
category against everybody else (corrected for many tests), and one test of the whole table. Cells that must
not be shown are hidden, and as many more as it takes that they do not follow from the others. METHODS.md
M-36."""
EPILOG = """\
variables:
  gender (reported), legal_gender (register), age_group, age_band, area, municipality, mode, a geography of
  domains.csv, any item or indicator, any further column of sample.csv

examples:
  python -m analysis table BUNDLE --item q04 --by gender
  python -m analysis table BUNDLE --item q04 --by gender --by housing --where municipality=0180 --wave 2025
  python -m analysis table BUNDLE --item q30 --by age_group --where gender=woman --where mode=web,paper"""


def run(arguments: Sequence[str]) -> str:
    """Make the table of a command line.

    Args:
        arguments: the words after `table`.

    Returns:
        The table as text; with `--csv` its rows are in that file too.

    Raises:
        AnalysisError: a malformed bundle, or something asked for that is not there.
        OSError: a file that cannot be read or written.
    """
    options = _parser().parse_args(arguments)
    settings = Settings.reference() if options.profile == "reference" else Settings.default()
    weighted = weigh(read_bundle(options.bundle), settings)
    where: dict[str, list[str]] = {}
    for name, categories in options.where:
        where.setdefault(name, []).extend(categories)
    protected = not options.no_disclosure
    table = free_table(weighted, options.item, options.by, where, options.wave, protected=protected)
    if options.csv:
        unfinished = options.csv.with_name(f".{options.csv.name}.part")
        writing.write_table(table.rows, unfinished)
        unfinished.replace(options.csv)
    return as_text(table, where)


def as_text(table: FreeTable, where: dict[str, list[str]]) -> str:
    """The table for a screen: shares in percent, `..` for what is hidden, with its reason."""
    rows = table.rows
    by = list(rows.columns[1 : rows.columns.get_loc("indicator")])
    conditions = "".join(f", {name} {' or '.join(wanted)}" for name, wanted in where.items())
    title = f"{rows['indicator'].iloc[0]} by {' and '.join(by)}, wave {rows['wave'].iloc[0]}{conditions}"
    header = [*by, "figure", "n", "estimate", "95 % interval", "less others", "p (BH)", "remark"]
    cells = [header, *(_line(row, by) for row in rows.to_dict("records"))]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    left = len(by) + 1
    lines = [
        "  ".join(
            text.ljust(width) if place < left or place == len(widths) - 1 else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    return "\n".join([title, "", *lines, "", *_test_lines(table.tests)])


def _line(row: dict[Hashable, Any], by: list[str]) -> list[str]:
    """One row of figures as texts."""
    scale, unit = (1.0, "") if row["statistic"] == "mean" else (100.0, " %")

    def number(name: str, sign: str = "") -> str:
        value = row[name]
        return "" if pd.isna(value) else f"{scale * value:{sign}.{1 if unit else 2}f}"

    n, p = row["n"], row["p_bh"]
    shown = bool(number("estimate"))
    return [
        *(str(row[name]) for name in by),
        str(row["statistic"]),
        "" if pd.isna(n) else f"{n:.0f}",
        number("estimate") + unit if shown else HIDDEN,
        f"{number('lower')}-{number('upper')}" if shown else "",
        number("difference", "+"),
        "" if pd.isna(p) else _p(p),
        str(row["reason"]),
    ]


def _test_lines(tests: pd.DataFrame) -> Iterator[str]:
    """Each test of the table as a sentence."""
    names = {"rao_scott": "Rao-Scott", "wald": "Wald"}
    for test in tests.to_dict("records"):
        figures = f"F({test['df1']:.1f}, {test['df2']:.0f}) = {test['f']:.2f}, p {_p(test['p'], '= ')}"
        yield f"{names[test['kind']]} test of {test['by']}: {test['reason'] or figures}"


def _p(p: float, equals: str = "") -> str:
    return "< 0.001" if p < 0.001 else f"{equals}{p:.3f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis table",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder with the input files")
    parser.add_argument("--item", required=True, help="the indicator or item to show")
    parser.add_argument(
        "--by", action="append", required=True, metavar="VARIABLE", help="a background variable; at most two"
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        type=_condition,
        metavar="VARIABLE=CATEGORY",
        help="only these persons; several categories with commas, several conditions by repeating",
    )
    parser.add_argument("--wave", help="which wave (default: the last)")
    parser.add_argument("--profile", choices=("default", "reference"), default="default", help="the method")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the rows to this file too")
    parser.add_argument("--no-disclosure", action="store_true", help="hide nothing (internal)")
    return parser


def _condition(text: str) -> tuple[str, list[str]]:
    name, equals, categories = text.partition("=")
    if not (name and equals and categories):
        raise argparse.ArgumentTypeError(f"{text!r} is no condition such as municipality=0180")
    return name, categories.split(",")
