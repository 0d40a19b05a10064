"""What a free table has shown of an answer, and must keep hidden of it. METHODS.md M-42."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from analysis.answer_states import States, TableQuestion, counts_sensitive, level_of
from analysis.arrays import Mask
from analysis.backgrounds import Background, background
from analysis.disclosure import PROTECTED
from analysis.keys import TOTAL
from analysis.told_figures import Figure, Persons, Target
from analysis.weights import Weighted

Key = tuple[str, ...]
Cell = tuple[Persons, Mask]  # who stands in it as far as that is known, and the combinations of those who do


def table_figures(
    weighted: Weighted,
    wave: str,
    states: States,
    question: TableQuestion,
    rows: pd.DataFrame,
    *,
    at_hand: bool,
) -> tuple[list[Figure], list[Target]]:
    """What a free table shows, and the cells it hides for the persons' sake.

    Args:
        weighted: the weights.
        wave: which wave.
        states: of this table among others.
        question: what was asked.
        rows: a column per background variable, statistic, released and reason, a block per cell.
        at_hand: whether it is the table that is judged: its figures know their cells.
    """
    answers = [name for name in (*question.by, *dict(question.where)) if name in states.answers]
    sensitive = bool(answers) or counts_sensitive(weighted, question.item)
    limit = weighted.settings.thresholds.hidden_persons if sensitive else 0
    keys = list(rows[list(question.by)].astype(str).itertuples(index=False, name=None))
    cells = _cells(weighted, wave, states, question, dict.fromkeys(keys))
    number = {key: at for at, key in enumerate(cells)}
    # A mean can be hidden beside shares that are shown: it is the cell only where there is nothing else.
    of_cell = rows["statistic"].ne("mean") | (states.measured[question.item].statistics == ("mean",))
    shown = rows["released"].eq(1) & rows["statistic"].ne("mean")
    hidden = rows["released"].ne(1) & rows["reason"].eq(PROTECTED) & of_cell
    figures = [
        _figure(weighted, states, question, cells[key], statistic, limit, number[key] if at_hand else -1)
        for key, statistic, told in zip(keys, rows["statistic"].astype(str), shown, strict=True)
        if told
    ]
    guarded = dict.fromkeys(key for key, some in zip(keys, hidden, strict=True) if some and sensitive)
    return figures, [target for key in guarded for target in _targets(states, question, key, cells[key])]


def _cells(
    weighted: Weighted, wave: str, states: States, question: TableQuestion, keys: Iterable[Key]
) -> dict[Key, Cell]:
    """Who stands in each cell."""
    here = (weighted.table["wave"] == wave).to_numpy(dtype=bool)
    where = dict(question.where)
    standing = {name: background(weighted, name, wave) for name in (*question.by, *where)}
    return {key: _cell(standing, here, states, (*where.items(), *conditions(question, key))) for key in keys}


def conditions(question: TableQuestion, key: Key) -> list[tuple[str, tuple[str]]]:
    """What a cell asks of those who stand in it, by variable."""
    return [(name, (value,)) for name, value in zip(question.by, key, strict=True) if value != TOTAL]


def _cell(
    standing: Mapping[str, Background],
    here: Mask,
    states: States,
    wanted: Iterable[tuple[str, Iterable[str]]],
) -> Cell:
    inside, allowed = here, states.everything
    for name, values in wanted:
        one = standing[name]
        there = [value for value in values if value in one.categories]
        if name in states.answers:
            codes = [one.categories.index(value) for value in there]
            allowed = allowed & np.isin(states.values[f"by {name}"], codes)
        else:
            inside = inside & one.rows_in(there)
    return Persons.of(inside), allowed


def _figure(
    weighted: Weighted,
    states: States,
    question: TableQuestion,
    cell: Cell,
    statistic: str,
    limit: int,
    number: int,
) -> Figure:
    inside, allowed = cell
    base, yes = (mask & allowed for mask in level_of(states, question.item, statistic))
    below, above = _whole_percent(weighted, inside, states, base, yes)
    return Figure(inside, base, yes, below, above, 0.0, limit, number)


def _targets(states: States, question: TableQuestion, key: Key, cell: Cell) -> list[Target]:
    """Each level of a hidden cell, and everybody in it where that is an answer itself."""
    inside, allowed = cell
    base = level_of(states, question.item, "n")[0] & allowed
    persons = int(base[states.of_row[inside.rows]].sum())
    levels = range(len(states.measured[question.item].codes))
    counted = [(states.values[question.item] == at) & allowed for at in levels]
    if states.answers:
        counted.append(base)
    return [Target((question.item, *key), inside, level, persons) for level in counted] if persons else []


def _whole_percent(
    weighted: Weighted, inside: Persons, states: States, base: Mask, yes: Mask
) -> tuple[float, float]:
    """From the true share to the ends of the interval that prints as the same whole percent."""
    weight = weighted.table["weight"].to_numpy(dtype=float)[inside.rows]
    answers = states.of_row[inside.rows]
    size = float(weight @ base[answers])
    percent = 100.0 * float(weight @ yes[answers]) / size if size else 0.0
    printed = np.floor(percent + 0.5)
    return min((printed - 0.5 - percent) / 100.0, 0.0), max((printed + 0.5 - percent) / 100.0, 0.0)
