"""Which rows of a new release would tell what is hidden, beside approved tables. METHODS.md M-42."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from analysis.answer_states import AnswerNames, answers_of, states_of
from analysis.held_counts import Search, judged_together
from analysis.keys import ESTIMATE
from analysis.told_figures import Places, Told, released_figures, released_targets, shown_rows
from analysis.told_tables import Key, table_figures
from analysis.weights import Weighted


def telling_rows(weighted: Weighted, wave: str, told: Told, draft: Told) -> list[Key]:
    """Rows of a draft, by their keys, that hold a hidden count back which could move without them.

    Args:
        weighted: the weights of the wave, with every answer that the tables are about.
        wave: which wave.
        told: what releases and approved tables have shown of it.
        draft: the rows of the draft that are of the wave, and its changes, as in `Told`; no tables.

    Returns:
        Keys as in estimates.csv; none when the draft may stand beside the tables.

    Raises:
        AnalysisError: tables about too many sensitive answers at once to be judged.
    """
    places, found = Places(weighted, wave), set[Key]()
    judged: dict[AnswerNames, None] = {}
    for question, _ in told.tables:
        judged |= dict.fromkeys(judged_together(weighted, wave, question, told))
    for names in judged:
        found |= _telling(weighted, wave, places, names, told, draft)
    return sorted(found)


def _telling(
    weighted: Weighted, wave: str, places: Places, names: AnswerNames, told: Told, draft: Told
) -> set[Key]:
    """The same for answers that are judged together."""
    states = states_of(weighted, wave, names)
    search = Search(weighted, places, states)
    figures = released_figures(weighted, places, states, told)
    both = replace(told, estimates=pd.concat([told.estimates, draft.estimates], ignore_index=True))
    targets = released_targets(weighted, places, states, both)
    for question, rows in told.tables:
        if answers_of(weighted, wave, question) <= names:
            shown, hidden = table_figures(weighted, wave, states, question, rows, at_hand=False)
            figures += shown
            targets += hidden
    new = released_figures(weighted, places, states, draft)
    figures += [replace(figure, cell=at) for at, figure in enumerate(new)]
    keys = list(shown_rows(states, draft)[ESTIMATE].astype(str).itertuples(index=False, name=None))
    homes: Mapping[int, tuple[str, ...]] = {at: search.homes(target) for at, target in enumerate(targets)}
    held = search.freed(figures, targets, homes)
    return {tuple(map(str, keys[cell])) for cells in held.values() for cell in cells}
