"""What a user of svy does for the same figures: `svy_peer.py BUNDLE`"""

import contextlib
import io
import sys
from pathlib import Path

import polars as pl
import svy

folder = Path(sys.argv[1])
tables = {
    name: pl.read_csv(folder / f"{name}.csv", infer_schema=False)
    for name in ("strata", "population", "sample", "responses", "indicators")
}
totals = tables["population"].with_columns(
    pl.col("population").cast(float), cell=pl.col("legal_gender") + " " + pl.col("age_group")
)
people = (
    tables["responses"]
    .join(tables["sample"], on=["wave", "case_id"])
    .join(tables["strata"], on=["wave", "stratum"])
)
people = people.with_columns(
    pl.col("population").cast(float), cell=pl.col("legal_gender") + " " + pl.col("age_group")
)
binary = tables["indicators"].filter(pl.col("type") == "binary")["item"].to_list()
ordinal = tables["indicators"].filter(pl.col("type") == "ordinal")["item"].to_list()
people = people.with_columns(pl.col(binary + ordinal).cast(float, strict=False))
estimates = 0
with contextlib.redirect_stdout(io.StringIO()):
    for (wave, code), mine in people.group_by(["wave", "municipality_code"], maintain_order=True):
        known = totals.filter(
            (pl.col("wave") == wave)
            & (pl.col("municipality_code") == code)
            & pl.col("cell").is_in(mine["cell"].unique().to_list())
        )
        mine = mine.with_columns(start=pl.col("population") / pl.len().over("stratum"))
        sample = svy.Sample(
            mine, svy.Design(stratum="stratum", wgt="start", pop_size="population", singleton="skip")
        )
        controls = {
            name: dict(known.group_by(name).agg(pl.col("population").sum()).iter_rows())
            for name in ("cell", "area")
        }
        sample = sample.weighting.rake(controls=controls, on_nonconvergence="ignore")
        for item in binary + ordinal:
            for by in (None, "gender", "age_group", ["gender", "age_group"]):
                estimates += len(sample.estimation.mean(item, by=by, drop_nulls=True).estimates)
                if item in ordinal:
                    estimates += len(sample.estimation.prop(item, by=by, drop_nulls=True).estimates)
print(estimates)
