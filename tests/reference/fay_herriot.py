"""Figures of the Fay-Herriot model from samplics (0.6.0, MIT licence).

    python fay_herriot.py OUT

in an environment with samplics. Writes `milk.csv`, the expenditure on fresh milk in 43 areas that samplics
ships (Arora & Lahiri 1997, Statistica Sinica 7; direct estimate, its standard error, four major areas), an
invented `generated.csv` of 30 areas and one covariate, and `figures.json`: by restricted maximum likelihood
the variance between areas, the coefficients and every area's predictor.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from samplics.datasets import load_expenditure_milk
from samplics.sae import EblupAreaModel
from samplics.utils.types import FitMethod


def milk() -> tuple[pd.DataFrame, np.ndarray]:
    """The table, and dummies of the major areas beside an intercept."""
    table = load_expenditure_milk()["data"].astype(float)
    table = table.rename(columns={"direct_est": "y", "std_error": "se", "major_area": "group"})
    table = table[["group", "y", "se"]].astype({"group": int})
    return table, (table[["group"]].to_numpy() == np.array([2, 3, 4])).astype(float)


def generated() -> tuple[pd.DataFrame, np.ndarray]:
    """Areas on the scale of arcsine roots."""
    generator = np.random.default_rng(20261101)
    x = generator.normal(size=30).round(4)
    se = (0.5 / np.sqrt(generator.integers(8, 160, 30))).round(6)
    theta = 0.6 + 0.05 * x + 0.06 * generator.standard_normal(30)
    y = (theta + se * generator.standard_normal(30)).round(6)
    return pd.DataFrame({"x": x, "y": y, "se": se}), x[:, None]


def figures(table: pd.DataFrame, covariates: np.ndarray) -> dict[str, object]:
    """What samplics makes of one data set."""
    area = np.arange(len(table))
    model = EblupAreaModel(method=FitMethod.reml)
    y, se = table["y"].to_numpy(), table["se"].to_numpy()
    model.fit(yhat=y, X=covariates, area=area, error_std=se, re_std_start=0.1, tol=1e-12, maxiter=1000)
    model.predict(X=covariates, area=area)
    return {
        "variance": float(model.re_std) ** 2,
        "beta": np.ravel(model.fixed_effects).tolist(),
        "predictor": [float(model.area_est[one]) for one in area],
        "converged": bool(model.convergence["achieved"]),
    }


def main(out: Path) -> None:
    """Write the data sets and the figures."""
    out.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, (table, covariates) in {"milk": milk(), "generated": generated()}.items():
        table.to_csv(out / f"{name}.csv", index=False)
        found[name] = figures(table, covariates)
    (out / "figures.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
