"""The quick look printed after a run: how the survey went, the headline figures, what was hidden and why.

At most `MOST_LINES` lines of plain text, made of the tables as they were written: what is hidden there is
hidden here.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.disclosure import SMALL_BASE
from analysis.indicators import headline_statistics
from analysis.keys import TOTAL
from analysis.pipeline import Results
from analysis.remarks import Remark
from analysis.schema import Bundle

MOST_LINES = 40
MOST_WAVES = 6  # the last ones
MOST_HEADLINES = 5
VERDICTS = ("up", "down", "unchanged", "too_uncertain", "not_comparable")
SAME_FACTOR = 1e-9  # relative; adjustments this near are the same
MOST_PLACES = 5

Row = Mapping[Hashable, Any]


def summarise(bundle: Bundle, results: Results, rows: Mapping[str, int], out: Path, seconds: float) -> str:
    """The text.

    Args:
        bundle: what went in.
        results: what came out.
        rows: rows by file name, as `writing.write_results` gives them.
        out: where the files are.
        seconds: CPU seconds of the whole run.
    """
    lines = [
        *_fieldwork(results.diagnostics),
        "",
        *_headlines(bundle, results),
        "",
        *_counts(results),
        *_single_groups(results.weights),
        *_not_positive(results.remarks),
        *_warnings(results.warnings),
        "",
        f"{sum(rows.values()):,} rows in {len(rows)} files, manifest.json; all under {out}; "
        f"{seconds:.1f} CPU s",
    ]
    return "\n".join(lines[:MOST_LINES])


def _fieldwork(diagnostics: pd.DataFrame) -> Iterator[str]:
    """Response and weights of everything, wave by wave."""
    yield "wave      drawn  answered    rate   deff  trimmed  repairs of the weighting"
    together = diagnostics[diagnostics["municipality_code"].astype(str) == TOTAL]
    for row in together.tail(MOST_WAVES).to_dict("records"):
        yield (
            f"{row['wave']!s:<8}{row['sampled']:>7}{row['responded']:>10}{_percent(row['response_rate']):>8}"
            f"{_number(row['deff_kish']):>7}{_percent(row['trimmed_share']):>9}  {row['collapsed'] or 'none'}"
        )


def _headlines(bundle: Bundle, results: Results) -> Iterator[str]:
    """The pre-declared headline indicators for everybody, with their change."""
    table = bundle.indicators
    declared = table.loc[table["headline"], "indicator"].astype(str).tolist()[:MOST_HEADLINES]
    wave = bundle.waves[-1]
    if not declared:
        yield f"Everybody, {wave}: no headline indicator is declared (column headline of indicators.csv)."
        return
    yield f"Everybody, {wave}, with 95 % interval, and the change since the previous wave:"
    statistics = headline_statistics(bundle)
    for name in declared:
        estimate = _total(results.estimates, wave, name, statistics[name])
        change = _total(results.changes, wave, name, statistics[name])
        scale = 1.0 if statistics[name] == "mean" else 100.0
        yield f"  {name:<24.24}{_figure(estimate, scale):<24}{_change(change, scale)}"


def _total(table: pd.DataFrame, wave: str, indicator: str, statistic: str) -> Row | None:
    """The row all x all of an indicator in a wave."""
    wanted = {"wave": wave, "geography": TOTAL, "gender": TOTAL, "age_group": TOTAL}
    found = table
    for name, value in {"indicator": indicator, "statistic": statistic, **wanted}.items():
        found = found[found[name] == value]
    return found.iloc[0].to_dict() if len(found) else None


def _figure(row: Row | None, scale: float) -> str:
    """An estimate with its interval, or why there is none."""
    if row is None or isnan(row["estimate"]):
        return f".. ({row['reason'] if row is not None else 'no_answers'})"
    p, lower, upper = (scale * row[name] for name in ("estimate", "lower", "upper"))
    unit = " %" if scale > 1 else ""
    return f"{p:.1f}{unit} ({lower:.1f}-{upper:.1f})"


def _change(row: Row | None, scale: float) -> str:
    """A change with its interval and verdict, or why there is none."""
    if row is None:
        return "no earlier wave"
    if isnan(row["change"]):
        return f".. ({row['reason']})"
    change, lower, upper = (scale * row[name] for name in ("change", "lower", "upper"))
    since = row["previous_wave"]
    return f"{change:+.1f} ({lower:+.1f} to {upper:+.1f}) since {since}: {row['verdict']}"


def _counts(results: Results) -> Iterator[str]:
    """How many figures may be shown and what they say, how many may not and why."""
    estimates, changes = results.estimates, results.changes
    shown = estimates.loc[estimates["released"].eq(1), "reason"]
    small = int(shown.eq(SMALL_BASE).sum())
    yield f"{len(estimates):,} estimates: {len(shown):,} may be shown, {small:,} of them with {SMALL_BASE}"
    yield _hidden(estimates)
    verdicts = changes.loc[changes["released"].eq(1), "verdict"].value_counts()
    told = ", ".join(f"{verdicts.get(word, 0):,} {word}" for word in VERDICTS)
    yield f"{len(changes):,} changes: {verdicts.sum():,} may be shown: {told}"
    yield _hidden(changes)
    yield f"disclosure control: {results.disclosure}"


def _hidden(table: pd.DataFrame) -> str:
    """How many rows may not be shown, by reason, most first."""
    reasons = table.loc[table["released"].eq(0), "reason"].value_counts()
    told = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items() if count)
    return f"  {reasons.sum():,} may not be shown" + (f": {told}" if told else "")


def _single_groups(weights: pd.DataFrame) -> Iterator[str]:
    """The municipalities whose respondents all stand for equally many who did not answer."""
    factor = weights["nonresponse_weight"] / weights["design_weight"]
    by_place = factor.groupby([weights["wave"], weights["municipality_code"]], observed=True)
    spread = by_place.max() / by_place.min() - 1.0
    single = spread.index[spread.le(SAME_FACTOR)]
    if len(single):
        places = ", ".join(f"{wave} {code}" for wave, code in single[:MOST_PLACES])
        more = ", ..." if len(single) > MOST_PLACES else ""
        yield (
            f"one response group (the same non-response adjustment for everybody) in {len(single)} of "
            f"{len(spread)} municipalities and waves: {places}{more}"
        )


def _not_positive(remarks: tuple[Remark, ...]) -> Iterator[str]:
    """The municipalities where respondents stand for nobody, or for fewer."""
    found = [one for one in remarks if one.kind == "weights_not_positive"]
    if found:
        places = ", ".join(f"{one.wave} {one.place}" for one in found[:MOST_PLACES])
        more = ", ..." if len(found) > MOST_PLACES else ""
        persons = sum(one.persons for one in found)
        yield f"WEIGHTS OF 0 OR LESS for {persons} respondents, by linear calibration: {places}{more}"


def _warnings(warnings: tuple[str, ...]) -> Iterator[str]:
    """How many warnings of each kind, and an example of the three largest kinds."""
    kinds: dict[str, list[str]] = {}
    for warning in warnings:
        place = warning.split(":", maxsplit=1)[0]
        kinds.setdefault(place.rsplit(" ", maxsplit=1)[-1], []).append(warning)
    counted = Counter({kind: len(texts) for kind, texts in kinds.items()}).most_common()
    told = ", ".join(f"{count} {kind}" for kind, count in counted[:8])
    yield f"{len(warnings)} warnings in manifest.json" + (f": {told}" if told else "")
    for kind, _ in counted[:3]:
        text = kinds[kind][0]
        yield f"  {text}" if len(text) <= 110 else f"  {text[:107]}..."


def _percent(share: float) -> str:
    return "" if isnan(share) else f"{100 * share:.1f} %"


def _number(value: float) -> str:
    return "" if isnan(value) else f"{value:.2f}"
