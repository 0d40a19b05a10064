"""Margin A by reported gender: whoever reports neither woman nor man counts half in each. METHODS.md M-33."""

from dataclasses import replace

import numpy as np
import pytest
from small_surveys import as_text, binary, even_people, even_population, random_survey, row, survey

from analysis.estimates import estimate, gender_gaps
from analysis.schema import Bundle
from analysis.settings import Linearization, Settings
from analysis.weights import Weighted, weigh

REPORTED = replace(Settings.default(), membership="reported", g_bounds=None, trimming="none")


def shares(bundle: Bundle) -> np.ndarray:
    """Women's share of each respondent."""
    gender = bundle.responses["gender"].astype(str)
    return np.where(gender == "woman", 1.0, np.where(gender == "man", 0.0, 0.5))


def persons(weighted: Weighted) -> dict[str, np.ndarray]:
    """Margins, weights and strata of each respondent of a one-municipality survey, made without cells."""
    bundle = weighted.bundle
    table = as_text(weighted.table)
    drawn = table[["case_id"]].merge(bundle.sample, on="case_id")
    woman = shares(bundle)
    columns = []
    for band in sorted(set(bundle.population["age_group"])):
        columns += [woman * (drawn["age_group"] == band), (1 - woman) * (drawn["age_group"] == band)]
    areas = sorted(set(table["calarea"]))
    columns += [table["calarea"] == area for area in areas[1:]]
    return {
        "X": np.column_stack(columns).astype(float),
        "w": table["weight"].to_numpy(),
        "start": table["nonresponse_weight"].to_numpy(),
        "stratum": table["stratum"].to_numpy(),
    }


def standard_error(weighted: Weighted, inside: np.ndarray, y: np.ndarray) -> float:
    """M-7 person by person."""
    person = persons(weighted)
    w, X = person["w"], person["X"]
    kind = weighted.settings.linearization
    a = person["start"] if kind == "deville-sarndal" else np.ones(len(w)) if kind == "rake" else w
    total = w[inside].sum()
    p = (w * y)[inside].sum() / total
    u = np.where(inside, (y - p) / total, 0.0)
    inverse = np.linalg.pinv(X.T @ (a[:, None] * X))
    e = u - X @ (inverse @ (X.T @ (a * u)))
    h = np.minimum(a * np.einsum("ij,jk,ik->i", X, inverse, X), 0.9)
    z = w * e / (np.sqrt(1 - h) if kind == "leverage" else 1.0)
    variance = 0.0
    strata = weighted.bundle.strata.set_index("stratum")["population"]
    for stratum in set(person["stratum"]):
        mine = z[person["stratum"] == stratum]
        r = len(mine)
        variance += (1 - r / strata[stratum]) * r * mine.var(ddof=1)
    return float(np.sqrt(variance))


def test_persons_count_in_the_cells_they_report() -> None:
    bundle = random_survey(11, municipalities=1, drawn=150)
    weighted = weigh(bundle, REPORTED)
    assert not weighted.log["step"].isin(["calibration", "calibration_cell"]).any()
    w, woman = weighted.table["weight"].to_numpy(), shares(bundle)
    assert ((woman == 0.5) & (weighted.table["weight"] > 0)).sum() > 5
    drawn = as_text(weighted.table)[["case_id"]].merge(bundle.sample, on="case_id")
    totals = bundle.population.groupby(["legal_gender", "age_group"])["population"].sum()
    for (sex, band), population in totals.items():
        member = (woman if sex == "woman" else 1 - woman) * (drawn["age_group"] == band).to_numpy()
        assert (w * member).sum() == pytest.approx(population, rel=1e-10)


@pytest.mark.parametrize("linearization", ["leverage", "deville-sarndal", "rake", "final-weights"])
def test_estimates_and_standard_errors_equal_those_made_person_by_person(
    linearization: Linearization,
) -> None:
    """Weights differ between persons of one sex, age and stratum; the cells are split where they do."""
    weighted = weigh(
        random_survey(12, municipalities=1, drawn=150), replace(REPORTED, linearization=linearization)
    )
    table = as_text(estimate(weighted))
    y = (weighted.bundle.responses["q"].astype(str) == "1").to_numpy(dtype=float)
    gender = weighted.bundle.responses["gender"].astype(str)
    for name, inside in (
        ("all", np.ones(len(y), dtype=bool)),
        ("woman", gender == "woman"),
        ("other", gender == "other"),
    ):
        one = row(table, indicator="q", gender=name)
        w = weighted.table["weight"].to_numpy()
        inside = np.asarray(inside)
        assert one["estimate"] == pytest.approx((w * y)[inside].sum() / w[inside].sum(), rel=1e-12)
        assert one["se"] == pytest.approx(standard_error(weighted, inside, y), rel=1e-9)


def test_when_everybody_reports_the_sex_of_the_register_nothing_changes() -> None:
    bundle = random_survey(13)
    sex = bundle.responses[["case_id"]].merge(bundle.sample, on="case_id")["legal_gender"]
    bundle = replace(bundle, responses=bundle.responses.assign(gender=sex.to_numpy()))
    register, reported = (replace(Settings.default(), membership=name) for name in ("register", "reported"))
    one, other = weigh(bundle, register), weigh(bundle, reported)
    assert np.allclose(one.table["weight"], other.table["weight"], rtol=1e-12)
    for column in ("gap", "se", "cov"):
        assert np.allclose(gender_gaps(one)[column], gender_gaps(other)[column], rtol=1e-9, atol=1e-15)


def test_a_cell_nobody_reports_to_belong_to_keeps_the_sex_of_the_register_and_is_logged() -> None:
    people = even_people("0180-1", 200, 120, 40)
    people["gender"] = "woman"
    bundle = survey(people, even_population({("0180", "1"): 8000}), binary("q"))
    weighted = weigh(bundle, REPORTED)
    said = weighted.log[weighted.log["action"].str.contains("sex of the register")]
    assert said["cell"].str.contains(":man:").all()
    assert len(said) == 1
    assert np.allclose(
        weighted.table["weight"], weigh(bundle, replace(REPORTED, membership="register")).table["weight"]
    )
