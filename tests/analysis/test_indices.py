"""Open indices: the recipe, its scale and its version."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import REFERENCE, as_text, deviation

from analysis.__main__ import main
from analysis.errors import EXIT_CODE, InputError
from analysis.estimates import estimate
from analysis.free_tables import free_table
from analysis.indicators import measure
from analysis.indices import Recipe, recipes
from analysis.pipeline import run
from analysis.schema import read_bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import weigh

ITEMS = ["q31", "q32", "q33", "q34"]
INDEX = {
    "indicator": "order",
    "item": "",
    "type": "index",
    "yes": "",
    "levels": "1 2 3 4 5",
    "items": " ".join(ITEMS),
}
SCORES = pd.DataFrame(
    [("order", item, str(level), 5 - level) for item in ITEMS for level in range(1, 6)],
    columns=["index", "item", "level", "score"],
)


@pytest.fixture(scope="module")
def bundle():
    return read_bundle(REFERENCE / "bundle")


def with_index(bundle, scores=None, **parameters):
    indicators = pd.concat([bundle.indicators, pd.DataFrame([{**INDEX, **parameters}])], ignore_index=True)
    return validate_bundle(replace(bundle, indicators=indicators.fillna(""), indices=scores))


def values(bundle):
    """The index of each respondent, NaN outside."""
    one = measure(bundle).measured[-1]
    return np.where(one.level >= 0, one.scores[one.level], np.nan)


def test_the_value_is_the_mean_of_the_answered_items_on_the_stated_scale():
    recipe = Recipe("x", "1", 0.0, 100.0, 0.5, "", {"a": {"1": 1, "2": 2, "3": 3}, "b": {"0": 0, "1": 1}})
    answers = np.array([[0, 2, 1, -1, -1], [0, 1, -1, 1, -1]])
    assert np.array_equal(recipe.values(answers), [0, 100, 50, 100, np.nan], equal_nan=True)
    strict = replace(recipe, minimum_share=1.0)
    assert np.array_equal(strict.values(answers), [0, 100, np.nan, np.nan, np.nan], equal_nan=True)


def test_half_of_the_items_are_enough_by_default(bundle):
    number = np.arange(len(bundle.responses))
    blank = {
        item: bundle.responses[item].astype(str).where(number % 7 < 7 - at, "")
        for at, item in enumerate(ITEMS)
    }
    bundle = replace(bundle, responses=bundle.responses.assign(**blank))
    answers = bundle.responses[ITEMS].astype(str).replace("", np.nan).astype(float)
    by_hand = (100 * (answers - 1) / 4).mean(axis=1).where(answers.notna().sum(axis=1) >= 2)
    assert by_hand.isna().any()
    assert np.allclose(values(with_index(bundle)), by_hand.to_numpy(), equal_nan=True)


def test_scores_of_indices_csv_turn_an_item_round(bundle):
    as_coded, turned = values(with_index(bundle)), values(with_index(bundle, SCORES, levels=""))
    assert np.allclose(as_coded + turned, 100, equal_nan=True)


def test_mean_and_standard_error_are_those_of_svyby(bundle):
    theirs = pd.read_csv(REFERENCE / "free_table" / "expected.csv", dtype={"category": str})
    theirs = theirs[theirs["table"] == "index"]
    weighted = weigh(with_index(bundle), Settings.reference())
    rows = free_table(weighted, "order", ["q02"], {"q02": ["0", "1"]}, "2025", protected=False).rows
    both = rows.merge(theirs, left_on="q02", right_on="category", suffixes=("", "_r"))
    assert len(both) == 2
    assert deviation(both["estimate"], both["value"]) < 1e-8
    assert deviation(both["se"], both["se_r"]) < 1e-7


def test_an_index_of_one_item_on_the_scale_of_its_codes_is_the_mean_of_the_item(bundle):
    table = as_text(estimate(weigh(with_index(bundle, items="q31", range="1 5"))))
    table = table[table["statistic"] == "mean"].drop(columns=["reason", "statistic"])
    key = ["wave", "geography", "code", "gender", "age_group"]
    ours, theirs = (table[table["indicator"] == name].set_index(key) for name in ("order", "q31"))
    assert len(ours) == len(theirs) > 100
    for name in ("n", "estimate", "se", "df", "n_eff", "lower", "upper"):
        assert deviation(ours[name], theirs[name]) < 1e-7


def test_another_scale_stretches_figures_and_margins_alike(bundle):
    one, hundred = (
        run(with_index(bundle, range=ends), Settings.default(), protected=False) for ends in ("0 1", "0 100")
    )
    for table, names in (
        ("estimates", ["estimate", "se"]),
        ("changes", ["change", "se", "equivalence_margin"]),
    ):
        small, large = (getattr(results, table).query("indicator == 'order'") for results in (one, hundred))
        for name in names:
            assert deviation(100 * small[name], large[name]) < 1e-6
    verdicts = [
        results.changes.query("indicator == 'order'")["verdict"].tolist() for results in (one, hundred)
    ]
    assert verdicts[0] == verdicts[1]


def test_a_wave_that_left_an_item_out_has_no_index_and_no_change(bundle):
    asked = bundle.responses["q33"].astype(str).where(bundle.responses["wave"] != "2024", "")
    results = run(
        with_index(replace(bundle, responses=bundle.responses.assign(q33=asked))),
        replace(Settings.default(), areas=False),
    )
    estimates = results.estimates.query("indicator == 'order'")
    assert estimates.loc[estimates["wave"] == "2024", "reason"].eq("no_answers").all()
    assert estimates.loc[estimates["wave"] == "2025", "released"].any()
    assert results.changes.query("indicator == 'order'")["verdict"].eq("not_comparable").all()


def test_the_fingerprint_follows_the_recipe_and_not_its_name(bundle):
    def sha256(scores=None, **parameters):
        changed = with_index(bundle, scores, **parameters)
        return recipes(changed.indicators, changed.indices)[0].sha256

    assert sha256() == sha256(version="2") == sha256(indicator="disorder")
    others = [
        sha256(range="0 10"),
        sha256(minimum_share="0.75"),
        sha256(items="q31 q32"),
        sha256(base="q04=1"),
    ]
    assert len({sha256(), *others, sha256(SCORES, levels="")}) == 6


@pytest.mark.parametrize(
    ("parameters", "scores", "words"),
    [
        ({"range": "100 0"}, None, ["indicators.csv", "range", "100 0"]),
        ({"range": "low high"}, None, ["range", "low high"]),
        ({"minimum_share": "1.5"}, None, ["minimum_share", "1.5"]),
        ({"minimum_share": "half"}, None, ["minimum_share", "half"]),
        ({"levels": "a b"}, None, ["levels", "numeric"]),
        ({"levels": "1 2 3 4"}, None, ["responses.csv", "q31", "'5'"]),
        ({"items": "q31 q99"}, None, ["items", "q99"]),
        ({}, SCORES, ["levels", "indices.csv has the scores"]),
        ({"levels": ""}, SCORES.replace({"q34": "q35"}), ["indices.csv", "item", "q35"]),
        ({"levels": ""}, SCORES[SCORES["item"] != "q34"], ["indices.csv", "q34"]),
        ({"levels": ""}, SCORES.assign(score=1), ["indices.csv, line 2, column score", "one score"]),
        ({"levels": "1 1.0"}, None, ["indicators.csv, line", "column levels", "one score"]),
        ({"levels": ""}, SCORES.assign(score="high"), ["indices.csv, line 2", "score", "high"]),
        ({"levels": ""}, pd.concat([SCORES, SCORES.head(1)]), ["indices.csv", "again"]),
        ({"levels": ""}, SCORES.replace({"order": "q04"}), ["levels", "numeric"]),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_named(bundle, parameters, scores, words):
    with pytest.raises(InputError) as raised:
        with_index(bundle, scores, **parameters)
    for word in words:
        assert word in str(raised.value)


def test_the_manifest_tells_version_and_fingerprint(tmp_path, capsys):
    folder = shutil.copytree(REFERENCE / "bundle", tmp_path / "bundle")
    table = pd.read_csv(folder / "indicators.csv", dtype=str, keep_default_na=False)
    row = {**INDEX, "levels": "", "version": "2026-1"}
    pd.concat([table, pd.DataFrame([row])]).fillna("").to_csv(folder / "indicators.csv", index=False)
    SCORES.to_csv(folder / "indices.csv", index=False)
    assert main([str(folder), "--out", str(tmp_path / "out"), "--without-areas"]) == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert "indices.csv" in manifest["inputs"]
    [told] = manifest["indices"]
    bundle = read_bundle(folder)
    assert (told["indicator"], told["version"], told["items"]) == ("order", "2026-1", ITEMS)
    assert told["sha256"] == recipes(bundle.indicators, bundle.indices)[0].sha256
    SCORES.drop(columns="score").to_csv(folder / "indices.csv", index=False)
    assert main([str(folder), "--out", str(tmp_path / "out"), "--without-areas"]) == EXIT_CODE
    assert "indices.csv" in capsys.readouterr().err
