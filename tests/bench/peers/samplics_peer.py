"""What a user of samplics does for the same figures: `samplics_peer.py BUNDLE`"""

import sys
import warnings
from pathlib import Path

import pandas as pd

warnings.filterwarnings("ignore")
from samplics.estimation import TaylorEstimator  # noqa: E402
from samplics.utils.types import PopParam, SinglePSUEst  # noqa: E402

folder = Path(sys.argv[1])
tables = {
    name: pd.read_csv(folder / f"{name}.csv", dtype=str)
    for name in ("strata", "sample", "responses", "indicators")
}
people = (
    tables["responses"]
    .merge(tables["sample"], on=["wave", "case_id"])
    .merge(tables["strata"], on=["wave", "stratum"])
)
kinds = dict(zip(tables["indicators"]["item"], tables["indicators"]["type"], strict=True))
estimates = 0
for _, mine in people.groupby(["wave", "municipality_code"]):
    for item, kind in kinds.items():
        answered = mine[mine[item].notna()]
        weight = answered["population"].astype(float) / answered.groupby("stratum")["wave"].transform("size")
        fractions = dict(answered.assign(f=1 - 1 / weight).groupby("stratum")["f"].first())
        for domain in (
            None,
            answered["gender"],
            answered["age_group"],
            answered["gender"] + answered["age_group"],
        ):
            for parameter in (PopParam.mean, PopParam.prop)[: 1 + (kind == "ordinal")]:
                y = answered[item].astype(float) if parameter is PopParam.mean else answered[item]
                estimator = TaylorEstimator(parameter)
                try:
                    estimator.estimate(
                        y=y,
                        samp_weight=weight,
                        stratum=answered["stratum"],
                        fpc=fractions,
                        domain=domain,
                        single_psu=SinglePSUEst.skip,
                    )
                except ZeroDivisionError:  # a domain where nobody says yes
                    continue
                point = estimator.point_est
                estimates += sum(
                    len(one) if isinstance(one, dict) else 1
                    for one in (point.values() if isinstance(point, dict) else [point])
                )
print(estimates)
