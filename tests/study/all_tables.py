"""All tables of the page."""

from collections.abc import Mapping

from tests.study.change_tables import build_change_tables
from tests.study.counted import Counted
from tests.study.interval_tables import build_interval_tables
from tests.study.measures import Sums
from tests.study.plan import Plan
from tests.study.tables import Table


def build_tables(plan: Plan, sums: Mapping[str, Sums]) -> dict[str, Table]:
    """Every table by name; `sums` by name of the run."""
    runs = {run.name: Counted(run, plan, sums[run.name]) for run in plan.runs}
    return {**build_interval_tables(runs), **build_change_tables(runs)}
