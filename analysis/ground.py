"""What comparisons between waves rest on: pairs of waves, and unions on their common part. METHODS.md M-9."""

from dataclasses import dataclass, replace

import pandas as pd

from analysis import changes, disclosure, estimates, overlap, published, unions
from analysis.domains import Sums
from analysis.weights import Weighted


@dataclass(frozen=True)
class Ground:
    """What a comparison between waves rests on.

    Attributes:
        pairs: the table of `changes.previous_waves`, what each union is not compared on named.
        sums, estimates: unions on the municipalities they have in common.
        gaps: gaps between women and men of those unions; None when all are as they were.
    """

    pairs: pd.DataFrame
    sums: Sums
    estimates: pd.DataFrame
    gaps: pd.DataFrame | None = None


def common_ground(weighted: Weighted, sums: Sums, screened: pd.DataFrame, pairs: pd.DataFrame) -> Ground:
    """Unions whose municipalities differ between the waves are summed anew over those they have in common."""
    bundle, settings = weighted.bundle, weighted.settings
    if settings.profile == "reference":
        return Ground(pairs, sums, screened)
    pairs = unions.name_left_out(pairs, sums, bundle)
    partial = pairs[pairs["on_common"]]
    columns = [partial[name].astype(str) for name in ("geography", "code", "previous_wave", "wave")]
    wanted = {(row[0], row[1]): row[2:] for row in zip(*columns, strict=True)}
    blocks = unions.common_blocks(sums, bundle, wanted)
    if not blocks:
        return Ground(pairs, sums, screened)
    alone = replace(sums, blocks=blocks)
    common = disclosure.screen(estimates.estimate(weighted, sums=alone), bundle, settings)
    return Ground(
        pairs,
        unions.on_common_ground(sums, blocks),
        unions.replaced(screened, common),
        estimates.gender_gaps(weighted, alone),
    )


def compare(
    weighted: Weighted,
    screened: pd.DataFrame,
    ground: Ground,
    together: pd.DataFrame | None,
    waves: tuple[str, str] | None,
) -> pd.DataFrame:
    """The changes, also against figures that are only known as published."""
    bundle = weighted.bundle
    pairs = published.add_pairs(ground.pairs, screened, bundle, waves)
    listed = published.add_figures(ground.estimates, bundle)
    compared = changes.compare(listed, bundle, weighted.settings, pairs, together)
    return published.leave_untested(compared, bundle)


def matched_covariances(weighted: Weighted, sums: Sums, pairs: pd.DataFrame) -> pd.DataFrame | None:
    """What persons who answered in both waves add; the reference profile takes waves as independent."""
    if weighted.settings.profile == "reference" or "person_id" not in weighted.bundle.sample:
        return None
    waves = pairs[["previous_wave", "wave"]].drop_duplicates().itertuples(index=False, name=None)
    tables = [
        overlap.matched_covariances(weighted, sums, previous, wave).assign(previous_wave=previous, wave=wave)
        for previous, wave in waves
    ]
    return pd.concat(tables, ignore_index=True) if tables else None
