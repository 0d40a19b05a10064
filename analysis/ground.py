"""What comparisons between waves rest on: pairs of waves, and unions on their common part. METHODS.md M-9."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis import changes, disclosure, estimates, overlap, published, suppression, unions
from analysis.blocks import Key
from analysis.domains import Sums
from analysis.weights import Weighted


@dataclass(frozen=True)
class Ground:
    """What a comparison between waves rests on.

    Attributes:
        pairs: the table of `changes.previous_waves`, what each union is not compared on named.
        sums, estimates: unions on the municipalities they have in common.
        gaps: gaps between women and men of those unions; None when all are as they were.
        common: estimates of those unions on the common municipalities; None when all are as they were.
        members: wave, geography and code of each such union -> its code inside the program, and which the
            common municipalities are.
    """

    pairs: pd.DataFrame
    sums: Sums
    estimates: pd.DataFrame
    gaps: pd.DataFrame | None = None
    common: pd.DataFrame | None = None
    members: Mapping[Key, Mapping[str, frozenset[str]]] = field(default_factory=dict)


def common_ground(weighted: Weighted, sums: Sums, screened: pd.DataFrame, pairs: pd.DataFrame) -> Ground:
    """Unions whose municipalities differ between the waves are summed anew over those they have in common."""
    bundle, settings = weighted.bundle, weighted.settings
    if settings.profile == "reference":
        return Ground(pairs, sums, screened)
    pairs = unions.name_left_out(pairs, sums, bundle)
    partial = pairs[pairs["on_common"]]
    columns = [partial[name].astype(str) for name in ("geography", "code", "previous_wave", "wave")]
    wanted = {(row[0], row[1]): row[2:] for row in zip(*columns, strict=True)}
    parts = unions.common_parts(sums, bundle, wanted)
    if not parts:
        return Ground(pairs, sums, screened)
    sums, alone = unions.on_common_ground(sums, parts)
    common = disclosure.screen(estimates.estimate(weighted, sums=alone), bundle, settings)
    return Ground(
        pairs,
        sums,
        unions.replaced(screened, common),
        estimates.gender_gaps(weighted, alone),
        common,
        {key: {key[2] + unions.APART: frozenset(of)} for key, of in parts.items()},
    )


def suppress(
    screened: pd.DataFrame,
    ground: Ground,
    compared: pd.DataFrame,
    weighted: Weighted,
    earlier: pd.DataFrame | None,
    jobs: int,
    withheld: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, Ground]:
    """Hide more for the sake of what is hidden, in the estimates and in what their changes rest on.

    Args:
        screened, weighted, earlier, jobs, withheld: as in `suppression.suppress`.
        ground, compared: what `common_ground` and `compare` make of `screened`.
    """
    variables, common = ground.sums.variables, ground.common
    if common is None:
        screened = suppression.suppress(
            screened, compared, weighted, variables, earlier, jobs, withheld=withheld
        )
        return screened, replace(ground, estimates=screened)
    both, moved = unions.beside(screened, common), unions.renamed(compared, common)
    if withheld is not None:  # the change of a union goes with what it rests on
        apart = withheld.assign(code=withheld["code"].astype("str") + unions.APART)
        withheld = pd.concat([withheld, apart], ignore_index=True)
    both = suppression.suppress(both, moved, weighted, variables, earlier, jobs, ground.members, withheld)
    state = both[["released", "reason"]]
    screened = screened.assign(**state.iloc[: len(screened)].set_index(screened.index))
    common = common.assign(**state.iloc[len(screened) :].set_index(common.index))
    return screened, replace(ground, estimates=unions.replaced(screened, common), common=common)


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
