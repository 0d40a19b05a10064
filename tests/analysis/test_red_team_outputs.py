"""What is hidden by a rule, not by a search, is attacked too: everything any output says, at once."""

from dataclasses import replace

import attacked
import attacked_outputs
import pytest
from attack import exposed

from analysis import disclosure

# Comparisons and pooled figures of sensitive items are the analysts': no public file has them.
PUBLIC = ("common ground", "standardised")
EVERY_ITEM = [
    "theft",
    *(pytest.param(item, marks=pytest.mark.long) for item in ("robbery", "unsafe", attacked.WORRY)),
]


def attack(bundle, results, item, outputs=PUBLIC):
    """What some outputs together bound more tightly than the rule allows, and how many sums each gives."""
    known = attacked.sample_known(bundle, [results], item, attacked_outputs.FURTHER)
    said = attacked_outputs.said_of(results, known, item)
    further = [one for name in outputs for one in said[name]]
    plain = replace(results, changes=results.changes[~attacked_outputs.on_other_municipalities(results)])
    targets = attacked.hidden(results, item).drop_duplicates()
    found = exposed(attacked.printed(plain, item), known, targets, attacked.WIDTH, further)
    return found, {name: len(sums) for name, sums in said.items()}


def attempted(seed):
    bundle = attacked_outputs.changing_survey(seed)
    return bundle, attacked.run(bundle, pool=2, standardised=True)


@pytest.fixture(scope="module")
def attempt():
    return attempted(7)


@pytest.mark.parametrize("item", EVERY_ITEM)
def test_public_outputs_together_bound_no_hidden_row_more_tightly_than_the_rule_allows(attempt, item):
    found, said = attack(*attempt, item)
    assert found.empty, found.to_string()
    assert said["common ground"] > 0 or item == "robbery"


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("item", [*attacked.ITEMS, attacked.WORRY])
def test_other_surveys_withstand_the_same(seed, item):
    assert attack(*attempted(seed), item)[0].empty


def test_differences_in_points_would_tell_of_hidden_rows(attempt):
    """The reason why comparisons of sensitive items may be printed as a word alone. METHODS.md M-23."""
    assert not attack(*attempt, "theft", ["comparisons"])[0].empty


def test_nothing_sensitive_is_standardised_over_hidden_cells(attempt):
    """Of cells by gender and age some are always hidden here, and the rule hides the sum with them."""
    standardised = attempt[1].standardised_changes
    assert len(standardised) > 0
    assert standardised["released"].eq(0).all()


@pytest.mark.long
def test_pooled_figures_beside_their_waves_would_tell_of_hidden_rows(attempt):
    """The reason why pooled figures of sensitive items are not for publication either. METHODS.md M-25."""
    assert not attack(*attempt, attacked.WORRY, [*PUBLIC, "pooled"])[0].empty


@pytest.mark.long
def test_the_attack_breaks_pooled_figures_of_hidden_waves(monkeypatch, attempt):
    monkeypatch.setattr(disclosure, "hide_exposed", lambda table, *_: table)
    bundle = attempt[0]
    assert not attack(bundle, attacked.run(bundle, pool=2, standardised=True), "theft", ["pooled"])[0].empty
