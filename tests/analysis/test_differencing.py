"""Tables beside each other and a release, attacked with linear programming: the hidden stays hidden."""

from dataclasses import replace

import attacked
import numpy as np
import pandas as pd
import pytest
from attack import Further, exposed
from scipy import optimize, sparse

from analysis.answer_shifts import Shifts, Statements, rules_of
from analysis.answer_states import TableQuestion, answers_of, states_of
from analysis.beside_tables import telling_rows
from analysis.differencing import checked_table
from analysis.errors import QuestionError
from analysis.extremes import Extremes
from analysis.free_tables import free_table
from analysis.keys import ESTIMATE
from analysis.moved_cells import moved_cells
from analysis.regions import Region
from analysis.schema import validate_bundle
from analysis.told_figures import Places, Told
from analysis.told_tables import table_figures
from analysis.weights import weigh
from survey.publication.numbers import whole_percent

WAVE = attacked.WAVES[-1]
COLUMN = {"area": "stratum", "gender": "gender", "age_group": "age_group", "mode": "mode"}
ASKED = (
    TableQuestion("theft", ("area", "gender")),
    TableQuestion("theft", ("area", "age_group")),
)


@pytest.fixture(scope="module")
def attempt():
    bundle = attacked.survey(1, areas=3)
    results = attacked.run(bundle)
    known = attacked.sample_known(bundle, [results], "theft")
    told = Told(
        results.estimates[results.estimates["wave"].astype(str).eq(WAVE)],
        results.changes[results.changes["wave"].astype(str).eq(WAVE)],
    )
    return weigh(bundle), results, known, told


def further(known, question, rows):
    """The printed shares of a table, as the attack takes them."""
    groups = known.groups.astype({name: str for name in COLUMN.values() if name in known.groups})
    found = []
    for row in rows[rows["released"].eq(1) & rows["statistic"].eq("proportion")].to_dict("records"):
        inside = groups["wave"].astype(str).eq(WAVE)
        for name, values in (*question.where, *((name, (row[name],)) for name in question.by)):
            if values != ("all",):
                wanted = ["" if value == "not_stated" else value for value in values]
                inside &= groups[COLUMN[name]].isin(wanted)
        percent = whole_percent(row["estimate"])
        share = known.share(inside.to_numpy())
        found.append(Further(share, "proportion", (percent - 0.5) / 100, (percent + 0.5) / 100))
    return found


def broken(attempt, figures):
    """Hidden rows of the release that its figures and the tables together bound too tightly."""
    _, results, known, _ = attempt
    shown = attacked.printed(results, "theft")
    targets = attacked.hidden(results, "theft")
    targets = targets[targets["wave"].eq(WAVE)]
    assert len(targets) > 20
    return exposed(shown, known, targets, attacked.WIDTH, figures)


def test_tables_approved_one_after_the_other_tell_nothing_that_a_release_hides(attempt):
    weighted, _, known, told = attempt
    figures, hidden, shown = [], 0, 0
    for question in ASKED:
        checked = checked_table(weighted, WAVE, question, told)
        rows = checked.table.rows
        told = Told(told.estimates, told.changes, (*told.tables, (question, rows)))
        figures += further(known, question, rows)
        hidden += checked.hidden
        shown += int(rows["released"].sum())
    assert hidden > 0
    assert shown > 5
    assert broken(attempt, figures).empty


def test_the_attack_breaks_what_the_same_tables_tell_when_each_is_judged_alone(attempt):
    weighted, _, known, _ = attempt
    figures = [
        figure
        for question in ASKED
        for figure in further(
            known, question, free_table(weighted, question.item, question.by, dict(question.where), WAVE).rows
        )
    ]
    assert len(broken(attempt, figures)) > 2


def test_a_table_that_is_not_sensitive_by_itself_hides_what_it_would_tell_of_one_that_is(attempt):
    weighted, _, known, told = attempt
    indicators = weighted.bundle.indicators
    stolen = indicators[indicators["indicator"].eq("theft")].assign(indicator="stolen", sensitive=False)
    bundle = replace(weighted.bundle, indicators=pd.concat([indicators, stolen], ignore_index=True))
    question = TableQuestion("stolen", ("area", "gender"))
    checked = checked_table(replace(weighted, bundle=bundle), WAVE, question, told)
    rows = checked.table.rows
    assert rows["reason"].eq("protected").sum() == checked.hidden > 0
    assert rows.loc[rows["reason"].eq("protected"), ["n", "estimate"]].isna().all(axis=None)
    assert broken(attempt, further(known, question, rows)).empty


@pytest.mark.parametrize(("more", "held"), [(4, True), (5, False)])
def test_after_a_correction_a_cell_is_held_back_that_was_told_with_a_few_persons_more(attempt, more, held):
    weighted, _, _, told = attempt
    question, cell = TableQuestion("theft", ("area",)), "0100-0"
    alone = checked_table(weighted, WAVE, question, told).table.rows
    estimates = told.estimates.astype({"code": str, "gender": str, "age_group": str, "indicator": str})
    mine = estimates["code"].eq(cell) & estimates["gender"].eq("all") & estimates["age_group"].eq("all")
    was = estimates["n"].where(~(mine & estimates["indicator"].eq("theft")), estimates["n"] + more)
    released = replace(told, estimates=estimates.assign(n=was))
    # The same by a table: its margin is the cell.
    before = TableQuestion("theft", ("gender", "area"))
    rows = checked_table(weighted, WAVE, before, told).table.rows
    margin = rows["area"].eq(cell) & rows["gender"].eq("all")
    approved = replace(told, tables=((before, rows.assign(n=rows["n"] + more * margin)),))
    for earlier in (released, approved):
        checked = checked_table(weighted, WAVE, question, earlier)
        shown = [rows.set_index("area")["released"].eq(1) for rows in (alone, checked.table.rows)]
        assert (shown[0][cell], shown[1][cell], checked.moved) == (True, not held, held)


@pytest.mark.parametrize("otherwise", [0.0, 0.01])
def test_where_n_is_told_in_tens_a_cell_with_another_estimate_is_held_back(attempt, otherwise):
    weighted, _, _, told = attempt
    victims = weighted.bundle.indicators.assign(base=["unsafe=1", *[""] * 3], sensitive=True)
    weighted = replace(weighted, bundle=replace(weighted.bundle, indicators=victims))
    item, question = victims["indicator"].iloc[0], TableQuestion(victims["indicator"].iloc[0], ("area",))
    cell = free_table(weighted, item, ("area",), wave=WAVE, protected=False).rows.iloc[1]
    row = {"wave": WAVE, "geography": "area", "code": cell["area"], "gender": "all", "age_group": "all"}
    row |= {"indicator": item, "statistic": "proportion", "n": round(cell["n"], -1), "released": 1}
    estimates = pd.DataFrame([{**row, "estimate": cell["estimate"] + otherwise}])
    found = moved_cells(weighted, Places(weighted, WAVE), WAVE, question, replace(told, estimates=estimates))
    assert found == ({(cell["area"],)} if otherwise else set())


def test_a_mean_that_is_hidden_beside_shown_shares_guards_nothing(attempt):
    weighted, _, _, told = attempt
    question = TableQuestion(attacked.WORRY, ("area",))
    rows = checked_table(
        weighted, WAVE, question, replace(told, estimates=told.estimates.iloc[:0])
    ).table.rows
    shown = set(rows.loc[rows["released"].eq(1), "area"])
    assert shown and rows.loc[rows["statistic"].eq("mean"), "released"].eq(0).all()
    states = states_of(weighted, WAVE, answers_of(weighted, WAVE, question))
    _, targets = table_figures(weighted, WAVE, states, question, rows, at_hand=False)
    assert not shown & {target.name[1] for target in targets}


def test_a_table_whose_counts_cannot_be_bounded_is_refused(attempt, monkeypatch):
    def fail(*_):
        raise ArithmeticError

    monkeypatch.setattr(Extremes, "most", fail)
    with pytest.raises(QuestionError, match="too many sensitive answers"):
        checked_table(attempt[0], WAVE, TableQuestion("theft", ("gender",)), attempt[3])


def test_a_release_after_a_table_hides_what_both_would_tell(attempt):
    weighted, results, known, told = attempt
    _, question = ASKED
    told, results = (replace(one, changes=one.changes.iloc[:0]) for one in (told, results))
    totals = told.estimates["gender"].eq("all") & told.estimates["age_group"].eq("all")
    first = replace(told, estimates=told.estimates[totals])
    rows = checked_table(weighted, WAVE, question, first).table.rows
    beside = replace(first, tables=((question, rows),))
    figures, hidden = further(known, question, rows), set()
    shown = set(rows[rows["released"].eq(1)][["area", "age_group"]].itertuples(index=False, name=None))

    def told_beside(estimates):
        found = broken((weighted, replace(results, estimates=estimates), known, told), figures)
        return set(found[["code", "age_group"]].itertuples(index=False, name=None)) - shown

    unaware, estimates = told_beside(results.estimates), told.estimates
    while more := telling_rows(weighted, WAVE, beside, replace(told, estimates=estimates)):
        hidden |= set(more)
        keys = list(estimates[ESTIMATE].astype(str).itertuples(index=False, name=None))
        kept = [key not in hidden for key in keys]
        estimates = estimates.assign(released=estimates["released"].where(kept, 0))
    assert unaware
    assert hidden
    assert not told_beside(estimates)


def test_an_answer_that_others_take_up_loses_no_more_persons_than_gave_it():
    state, none = np.array([0, 0, 0, 0, 1, 2]), np.zeros(6, dtype=np.int64)
    said = Statements.of([], state, np.ones(6), 3)
    shifts = Shifts.of(
        none, state, np.ones(6), np.zeros(3, dtype=np.int64), np.array([[[0.0, 1.0, 2.0]]] * 2)
    )
    rules = rules_of(said, np.zeros((0, 1), dtype=bool), shifts)
    region = Region(shifts.least, shifts.most, rules.rows, rules.least, rules.most, np.zeros(2))
    others = shifts.effect(np.ones((1, 1), dtype=bool), np.array([[False, True, True]]))[0]
    ends = [Extremes(region).most(sign * others)[0] @ others for sign in (1.0, -1.0)]
    assert ends == pytest.approx([4.0, -2.0])


HOUSED = TableQuestion("theft", ("area", "housing"))


@pytest.fixture(scope="module")
def housed():
    """A survey that also asked everybody how they live, which is taken to be sensitive."""
    bundle = attacked.survey(4, areas=2)
    chance = np.random.default_rng(5)
    housing = chance.choice(["1", "2", "3", ""], len(bundle.responses), p=[0.5, 0.3, 0.17, 0.03])
    bundle = validate_bundle(replace(bundle, responses=bundle.responses.assign(housing=housing)))
    results = attacked.run(bundle)
    estimates = results.estimates[results.estimates["wave"].astype(str).eq(WAVE)]
    return weigh(bundle), Told(estimates, results.changes.iloc[:0])


class Persons:
    """The attack on answers to two questions at once: persons of each weight, place, sex and age by answer.

    Written apart from the check: it knows the printed percentages, every shown n and the weights.
    """

    def __init__(self, weighted):
        here = weighted.table["wave"].eq(WAVE).to_numpy()
        people = weighted.table[here].astype({"stratum": str}).reset_index(drop=True)
        answers = weighted.bundle.responses[here].astype(str).reset_index(drop=True)
        sample = weighted.bundle.sample[["wave", "case_id", "age_group"]].astype(str)
        people["age_group"] = answers[["wave", "case_id"]].merge(sample, how="left")["age_group"]
        people = people.assign(gender=answers["gender"], weight=people["weight"].round(6))
        self.states = sorted(set(zip(answers["theft"], answers["housing"], strict=True)))
        state = [self.states.index(pair) for pair in zip(answers["theft"], answers["housing"], strict=True)]
        kinds = ["stratum", "gender", "age_group", "weight"]
        self.kinds = people[kinds].drop_duplicates().reset_index(drop=True)
        number = people[kinds].merge(self.kinds.reset_index(), how="left")["index"]
        self.now = np.zeros((len(self.kinds), len(self.states)))
        np.add.at(self.now, (number, state), 1.0)
        self.rules = []
        stated = np.array([housing != "" for _, housing in self.states])
        for kind in range(len(self.kinds)):
            for known in (stated, ~stated):  # who answered is known
                mine = np.arange(len(self.kinds)) == kind
                self.rule(np.outer(mine, known), *[self.now[kind, known].sum()] * 2)

    def rule(self, factor, least, most):
        self.rules.append((factor.ravel(), least, most))

    def members(self, **wanted):
        found = np.ones(len(self.kinds), dtype=bool)
        for name, value in wanted.items():
            if value != "all":
                found &= self.kinds[name].eq(value).to_numpy()
        return found

    def answered(self, housing="all"):
        wanted = {"not_stated": ""}.get(housing, housing)
        base = np.array([wanted in ("all", one) for _, one in self.states])
        return base, base & np.array([theft == "1" for theft, _ in self.states])

    def show(self, inside, base, yes, percent):
        weight = np.where(inside, self.kinds["weight"], 0.0)
        for edge, bounds in ((percent - 0.5, (-1e-6, np.inf)), (percent + 0.5, (-np.inf, 1e-6))):
            self.rule(np.outer(weight, yes - edge / 100.0 * base), *bounds)
        n = (self.now * np.outer(inside, base)).sum()
        self.rule(np.outer(inside, base), n, n)

    def width(self, count):
        rows, least, most = (np.array(part) for part in zip(*self.rules, strict=True))
        limits = optimize.LinearConstraint(sparse.csr_array(rows), least, most)
        ends = [
            optimize.milp(sign * count.ravel(), constraints=limits, bounds=optimize.Bounds(0, np.inf)).fun
            for sign in (1.0, -1.0)
        ]
        return -sum(ends)


def test_a_table_by_a_sensitive_background_tells_no_hidden_answer_of_two_questions(housed):
    weighted, told = housed
    released, both = Persons(weighted), Persons(weighted)
    estimates = told.estimates.astype(dict.fromkeys(ESTIMATE, str))
    shares = estimates[estimates["indicator"].eq("theft") & estimates["statistic"].eq("proportion")]
    shares = shares[shares["geography"].isin(["all", "area"])]
    counts = []
    for row in shares.to_dict("records"):
        place = {"stratum": row["code"]} if row["geography"] == "area" else {}
        inside = released.members(**place, gender=row["gender"], age_group=row["age_group"])
        base, yes = released.answered()
        if row["released"]:
            released.show(inside, base, yes, whole_percent(row["estimate"]))
        else:
            counts.append((inside, yes))
    both.rules = [*released.rules]

    rows = checked_table(weighted, WAVE, HOUSED, told).table.rows
    for row in rows.to_dict("records"):
        inside, (base, yes) = both.members(stratum=row["area"]), both.answered(row["housing"])
        if row["released"]:
            both.show(inside, base, yes, whole_percent(row["estimate"]))
        else:
            counts += [(inside, yes), (inside, base & ~yes), (inside, base)]
    assert rows["released"].sum() > 3
    assert rows["reason"].eq("protected").any()
    for inside, counted in counts:
        count = np.outer(inside, counted).astype(float)
        alone = min(float(attacked.WIDTH), (released.now * np.outer(inside, [1.0] * len(counted))).sum())
        assert both.width(count) >= min(alone, released.width(count)) - 2e-3
