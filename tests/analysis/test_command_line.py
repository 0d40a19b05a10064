import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis.__main__ import main
from analysis.errors import EXIT_CODE
from analysis.schema import FILES

REFERENCE = Path(__file__).parents[1] / "reference" / "bundle"
ROOT = Path(__file__).parents[2]
TABLES = {
    *("weights", "estimates", "changes", "comparisons", "gender_gaps", "diagnostics", "response_rates"),
    *("quality", "item_nonresponse"),
}


@pytest.fixture(scope="module", autouse=True)
def few_sensitive_items(tmp_path_factory):
    """The reference bundle with three sensitive items, in the place of the one where every item is.

    Two questions follow on others, one of them sensitive.
    """
    global REFERENCE
    folder = Path(shutil.copytree(REFERENCE, tmp_path_factory.mktemp("few") / "bundle"))
    indicators = pd.read_csv(folder / "indicators.csv", dtype=str, keep_default_na=False)
    sensitive = indicators["indicator"].isin(["q01", "q02", "q03"]).astype(int)
    indicators.assign(sensitive=sensitive).to_csv(folder / "indicators.csv", index=False)
    (folder / "routing.csv").write_text("item,base\nq05,q04=1\nq06,q01=1\n")
    REFERENCE = folder


@pytest.fixture
def bundle(tmp_path):
    return Path(shutil.copytree(REFERENCE, tmp_path / "bundle"))


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The results of a plain run on the reference bundle."""
    folder = tmp_path_factory.mktemp("runs") / "out"
    assert main([str(REFERENCE), "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def internal(tmp_path_factory):
    """The same without protection, which takes most of the time and has tests of its own."""
    folder = tmp_path_factory.mktemp("internal") / "out"
    assert main([str(REFERENCE), "--out", str(folder), "--no-disclosure"]) == 0
    return folder


def read(folder, name):
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def edit(bundle, file, change):
    path = bundle / file
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_every_table_has_the_columns_that_were_promised(out):
    promised = {
        "weights": "wave case_id municipality_code design_weight nonresponse_weight weight",
        "estimates": "wave geography code gender age_group indicator statistic n population estimate se df"
        " n_eff lower upper released reason",
        "changes": "wave previous_wave geography code gender age_group indicator statistic n n_previous"
        " change se df p p_bh p_holm p_adjusted family_size lower upper verdict equivalence_margin"
        " detectable_change released reason",
        "comparisons": "wave previous_wave geography code against_geography against_code gender age_group"
        " indicator statistic difference se df p p_adjusted lower upper verdict released reason",
        "gender_gaps": "wave previous_wave geography code indicator statistic gap se cov change se_change p",
        "diagnostics": "wave municipality_code sampled responded response_rate r_indicator deff_kish n_eff"
        " weight_min weight_median weight_max weight_cv2 trimmed_share collapsed",
        "response_rates": "wave municipality_code legal_gender age_group sampled responded",
        "quality": "wave municipality_code measure variable category value lower upper n reason",
        "item_nonresponse": "wave municipality_code item asked answered dont_know refused missing not_asked"
        " reason",
    }
    assert {path.stem for path in out.glob("*.csv")} == TABLES == set(promised)
    for name, columns in promised.items():
        assert read(out, name).columns.tolist() == columns.split()


def test_hidden_rows_have_no_figures_in_the_files(out):
    for name, first, last in (("estimates", "n", "upper"), ("changes", "n", "upper")):
        table = read(out, name)
        hidden = table[table["released"].eq("0")]
        assert len(hidden) > 1000
        assert hidden.loc[:, first:last].eq("").all(axis=None)
        assert hidden["reason"].ne("").all()


def test_how_many_were_asked_what_follows_on_something_sensitive_is_in_no_protected_file(out, internal):
    counts = ["asked", "answered", "dont_know", "refused", "missing", "not_asked"]
    items, inside = (read(folder, "item_nonresponse").set_index("item") for folder in (out, internal))
    assert items.loc["q06", counts].eq("").all(axis=None)
    assert set(items.loc["q06", "reason"]) == {"asked_of_some"}
    assert inside.loc["q06", counts].astype(int).to_numpy().sum() > 0
    rest = items.index != "q06"
    pd.testing.assert_frame_equal(items[rest], inside[rest])
    # Nor do the questions put in all tell.
    quality, inside = (
        read(folder, "quality").query("measure == 'item_answers'") for folder in (out, internal)
    )
    assert quality["n"].eq("").all()
    assert quality["value"].str.len().max() <= len("0.999")
    assert inside["n"].ne("").all()


def test_counts_are_whole_numbers_and_codes_keep_their_zeros(out):
    estimates = read(out, "estimates")
    assert estimates["n"].str.fullmatch(r"\d*").all()
    assert "0180" in set(estimates["code"])


def test_the_manifest_says_what_went_in_and_what_came_out(out):
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["disclosure"] == "primary and secondary"
    assert manifest["options"]["profile"] == "default"
    assert manifest["seed"] == manifest["options"]["seed"]
    assert set(manifest["versions"]) >= {"analysis", "code_sha256", "python", "numpy", "scipy", "pandas"}
    assert set(manifest["cpu_seconds"]) >= {"read", "weights", "estimates", "changes"}
    assert manifest["warnings"]
    for name, facts in manifest["inputs"].items():
        assert facts["sha256"] == hashlib.sha256((REFERENCE / name).read_bytes()).hexdigest()
    for name, facts in manifest["outputs"].items():
        assert facts["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()
        assert facts["rows"] == len(read(out, Path(name).stem))


def test_the_same_bundle_gives_the_same_bytes(out, tmp_path):
    assert main([str(REFERENCE), "--out", str(tmp_path / "again")]) == 0
    for name in TABLES:
        assert (out / f"{name}.csv").read_bytes() == (tmp_path / "again" / f"{name}.csv").read_bytes()


def test_internal_tables_are_marked_and_hide_nothing(internal):
    assert json.loads((internal / "manifest.json").read_text())["disclosure"] == "none: internal tables"
    estimates = read(internal, "estimates")
    assert estimates.loc[estimates["reason"].ne("no_answers"), "estimate"].ne("").all()


@pytest.mark.parametrize(
    "options",
    [
        ["--profile", "reference"],
        ["--calibration", "linear"],
        ["--calibration", "logit"],
        ["--calibration", "poststratification"],
        ["--linearization", "deville-sarndal"],
        ["--degrees", "satterthwaite"],
        ["--interval", "korn-graubard"],
        ["--interval", "logit"],
        ["--interval", "wald"],
        ["--membership", "reported"],
        ["--response-groups", "propensity"],
        ["--trimming", "none"],
    ],
)
def test_every_option_changes_the_figures_and_is_recorded(internal, tmp_path, options):
    assert main([str(REFERENCE), "--out", str(tmp_path / "out"), "--no-disclosure", *options]) == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["options"][options[0].removeprefix("--").replace("-", "_")] == options[1]
    assert (tmp_path / "out" / "estimates.csv").read_bytes() != (internal / "estimates.csv").read_bytes()


def test_the_audit_is_a_table_of_its_own_and_names_no_hidden_figure(tmp_path):
    assert main([str(REFERENCE), "--out", str(tmp_path / "out"), "--replicates"]) == 0
    audit, estimates = read(tmp_path / "out", "replicates"), read(tmp_path / "out", "estimates")
    keys = ["wave", "code", "gender", "age_group", "indicator", "statistic"]
    both = audit.merge(
        estimates[estimates["geography"].eq("municipality")], on=keys, suffixes=("", "_estimate")
    )
    assert len(both) == len(audit) > 100
    assert both["released"].eq("1").all()
    assert (both["se"] == both["se_estimate"]).all()
    assert both.loc[both["ratio"].ne(""), "ratio"].astype(float).median() == pytest.approx(1.04, abs=0.04)


@pytest.mark.parametrize("factor", ["1", "0", "-3", "nan", "inf", "much"])
def test_a_trim_factor_that_would_cut_most_weights_is_refused(tmp_path, capsys, factor):
    with pytest.raises(SystemExit) as stopped:
        main([str(REFERENCE), "--out", str(tmp_path / "out"), f"--trim-factor={factor}"])
    assert stopped.value.code == EXIT_CODE
    assert "is not a number above 1" in capsys.readouterr().err


def test_two_named_waves_are_compared_in_the_order_of_time(out, tmp_path):
    assert main([str(REFERENCE), "--out", str(tmp_path / "out"), "--waves", "2025,2024"]) == 0
    assert (tmp_path / "out" / "changes.csv").read_bytes() == (out / "changes.csv").read_bytes()


MALFORMED = {
    "a missing column": ("strata.csv", lambda text: text.replace("sampled", "drawn", 1), ["sampled"]),
    "an unknown code": (
        "responses.csv",
        lambda text: text.replace("web,0,", "web,7,", 1),
        ["line", "q01", "7"],
    ),
    "a negative figure": (
        "strata.csv",
        lambda text: text.replace(",10033,", ",-10033,", 1),
        ["line 2", "-10033"],
    ),
    "a word for a number": (
        "population.csv",
        lambda text: text.replace(",735", ",many", 1),
        ["line 2", "many"],
    ),
    "a duplicate person": (
        "sample.csv",
        lambda text: text + text.splitlines()[1] + "\n",
        ["line 2997", "case_id"],
    ),
    "more drawn than live there": (
        "strata.csv",
        lambda text: text.replace(",10033,74", ",10033,99999", 1),
        ["line 2", "sampled"],
    ),
    "an answer from nobody drawn": (
        "responses.csv",
        lambda text: text.replace("2024,238,", "2024,999999,", 1),
        ["line 2", "case_id", "999999"],
    ),
    "an unknown sex": (
        "sample.csv",
        lambda text: text.replace(",woman,", ",kvinna,", 1),
        ["legal_gender", "kvinna"],
    ),
    "an age outside its group": (
        "sample.csv",
        lambda text: text.replace(",19,16-24", ",99,16-24", 1),
        ["age", "99"],
    ),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_malformed_input_is_named_and_nothing_is_written(bundle, tmp_path, capsys, fault):
    file, change, words = MALFORMED[fault]
    edit(bundle, file, change)
    before = sorted(tmp_path.iterdir())
    assert main([str(bundle), "--out", str(tmp_path / "out")]) == EXIT_CODE
    message = capsys.readouterr().err
    assert "Traceback" not in message
    for word in [file, "expected", *words]:
        assert word in message
    assert sorted(tmp_path.iterdir()) == before


def test_mixed_encodings_are_refused(bundle, tmp_path, capsys):
    path = bundle / "strata.csv"
    path.write_bytes(path.read_bytes().replace(b"0115-1", "0115-\u00e5".encode("latin-1"), 1))
    assert main([str(bundle), "--out", str(tmp_path / "out")]) == EXIT_CODE
    assert "strata.csv" in capsys.readouterr().err


def test_a_missing_file_is_named(bundle, tmp_path, capsys):
    (bundle / "population.csv").unlink()
    assert main([str(bundle), "--out", str(tmp_path / "out")]) == EXIT_CODE
    assert "population.csv" in capsys.readouterr().err


def test_a_fault_of_the_machine_is_told_in_its_own_words(tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("analysis.writing.check_target", full)
    assert main([str(REFERENCE), "--out", str(tmp_path / "out")]) == EXIT_CODE
    assert capsys.readouterr().err.startswith("No space left on device\n")


def test_a_bundle_or_a_target_that_is_no_folder_is_named(bundle, tmp_path, capsys):
    (tmp_path / "file").write_text("no folder")
    assert main([str(tmp_path / "file"), "--out", str(tmp_path / "out")]) == EXIT_CODE
    assert "file" in capsys.readouterr().err
    assert main([str(bundle), "--out", str(tmp_path / "file" / "out")]) == EXIT_CODE
    assert "file" in capsys.readouterr().err


def test_a_wave_that_is_not_there_is_refused(tmp_path, capsys):
    assert main([str(REFERENCE), "--out", str(tmp_path / "out"), "--waves", "2024,2031"]) == EXIT_CODE
    assert "2031" in capsys.readouterr().err


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert main([str(REFERENCE), "--out", str(tmp_path)]) == EXIT_CODE
    assert "is not the result of an earlier run" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    (tmp_path / "manifest.json").write_text("{}")  # beside an earlier run's results, too
    assert main([str(REFERENCE), "--out", str(tmp_path)]) == EXIT_CODE
    assert "holds thesis.txt, which no run has written" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_an_earlier_result_is_replaced_as_a_whole_and_kept_when_the_new_run_fails(bundle, tmp_path):
    out = tmp_path / "out"
    assert main([str(bundle), "--out", str(out)]) == 0
    first = (out / "manifest.json").read_text()
    edit(bundle, "strata.csv", lambda text: text.replace("sampled", "drawn", 1))
    assert main([str(bundle), "--out", str(out)]) == EXIT_CODE
    assert (out / "manifest.json").read_text() == first
    edit(bundle, "strata.csv", lambda text: text.replace("drawn", "sampled", 1))
    assert main([str(bundle), "--out", str(out), "--no-disclosure"]) == 0
    assert (out / "manifest.json").read_text() != first
    assert {path.name for path in tmp_path.iterdir()} == {"bundle", "out"}


def test_it_runs_by_itself_as_a_program_and_ends_with_a_summary(tmp_path):
    command = [sys.executable, "-m", "analysis", str(REFERENCE), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "primary and secondary" in done.stdout
    # Not a terminal: one line a phase, not one a municipality.
    assert done.stderr == "weights: done\nestimates: done\n"


def test_starting_loads_no_solver_no_distributions_and_no_other_command():
    heavy = {"scipy.stats", "scipy.optimize", "scipy.sparse", "statsmodels", "analysis.table_command"}
    code = f"import sys, analysis.__main__; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_folder_that_does_not_exist_ends_with_exit_code_two(tmp_path):
    command = [sys.executable, "-m", "analysis", str(tmp_path / "nothing"), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == EXIT_CODE
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_free_table_is_printed_and_written(tmp_path, capsys):
    command = ["table", str(REFERENCE), "--item", "q04", "--by", "legal_gender", "--wave", "2025"]
    assert main([*command, "--csv", str(tmp_path / "table.csv")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "q04 by legal_gender, wave 2025"
    written = pd.read_csv(tmp_path / "table.csv")
    woman = written[written["legal_gender"] == "woman"].iloc[0]
    printed = next(line.split() for line in lines if line.startswith("woman"))
    assert printed[2:4] == [str(woman["n"]), f"{100 * woman['estimate']:.1f}"]
    assert lines[-1].startswith("Rao-Scott test of legal_gender: F(1.0, ")
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_hidden_cells_of_a_free_table_are_two_dots_with_a_reason_unless_it_is_internal(capsys):
    command = [
        "table",
        str(REFERENCE),
        "--item",
        "q30",
        "--by",
        "mode",
        "--where",
        "gender=other,undisclosed",
    ]
    assert main(command) == 0
    hidden = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("all", "web"))]
    assert all(".." in line and line.split()[-1].isidentifier() for line in hidden)
    assert len(hidden) == 12
    assert main([*command, "--no-disclosure"]) == 0
    assert ".." not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--item", "q99", "--by", "gender"], "q99"),
        (["--item", "q04", "--by", "colour"], "colour"),
        (["--item", "q04", "--by", "gender", "--where", "municipality=9999"], "9999"),
    ],
)
def test_a_free_table_of_what_is_not_there_ends_with_exit_code_two(words, named, capsys):
    assert main(["table", str(REFERENCE), *words]) == EXIT_CODE
    assert named in capsys.readouterr().err


def test_the_help_names_files_methods_examples_and_exit_codes(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    for word in [*FILES.values(), "changes.csv", "M-11", "--no-disclosure", "exit codes", "table survey2026"]:
        assert word in text
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_processes_that_is_none_is_refused(tmp_path: Path, jobs: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(REFERENCE), "--out", str(tmp_path / "out"), f"--jobs={jobs}"])
    assert stopped.value.code == 2
