"""The page: prose written by people, and marked blocks that are written from the results.

A block is what stands between `<!-- block: NAME -->` and `<!-- end -->`; NAME is a table, `findings`,
`settings` or `in_r`. No number of the study stands outside them.
"""

import re
from pathlib import Path

from tests.study.findings import findings
from tests.study.store import Results
from tests.study.tables import Table, Value

BLOCK = re.compile(r"(<!-- block: ([a-z_ ]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
FIGURES = "study"  # folder of the plots, beside the page


def write(path: Path, results: Results) -> None:
    """Rewrite the blocks of a page."""
    path.write_text(with_blocks(path.read_text(encoding="utf-8"), results), encoding="utf-8")


def with_blocks(text: str, results: Results) -> str:
    """The page with every block as the results say."""
    return BLOCK.sub(lambda match: f"{match[1]}{block(match[2], results)}{match[4]}", text)


def blocks(text: str) -> list[str]:
    """Names of the blocks of a page."""
    return [match[2] for match in BLOCK.finditer(text)]


def block(name: str, results: Results) -> str:
    """The text of one block."""
    if name == "settings":
        return _settings(results)
    if name == "findings":
        return "".join(f"- {sentence}\n" for sentence in findings(results.tables))
    if name == "in_r":
        return _in_r(results)
    return _table(results.tables[name])


def _settings(results: Results) -> str:
    plan = results.settings
    answer, missing = (100 * plan[name] for name in ("answer_rate", "item_nonresponse"))
    return (
        f"Seed {plan['seed']}; {plan['repetitions']} repetitions of each run, {plan['fewer']} of those with "
        f"ten areas or a response that depends on the answer; two waves in each. {answer:g} % answer, "
        f"{missing:g} % of the answers to an item are missing at random. {len(plan['runs'])} runs.\n"
    )


def _in_r(results: Results) -> str:
    found = results.in_r
    if not found:
        return "R was not there when the page was made.\n"
    names = [name for name in found if name not in ("R", "survey", "rows")]
    largest = ", ".join(f"{name.replace('_', ' ')} {found[name]:.0e}" for name in names)
    return (
        f"R {found['R']}, `survey` {found['survey']}, {found['rows']} figures of one sample. "
        f"|ours − R| / (|R| + 0.001) is at most: {largest}.\n"
    )


def _table(table: Table) -> str:
    """As Markdown; what there is none of is a dash."""
    forms = [form for _, form in table.columns]
    lines = [[title for title, _ in table.columns], ["---" if form == "text" else "--:" for form in forms]]
    lines += [[_cell(value, form) for value, form in zip(row, forms, strict=True)] for row in table.rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: Value, form: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, str) or form == "text":
        return str(value)
    if form == "count":
        return f"{value:,.0f}".replace(",", " ")
    if form == "ratio":
        return f"{value:.2f}"
    return f"{100 * value:.1f}".replace("-0.0", "0.0")
