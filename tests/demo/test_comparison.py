import pandas as pd

from survey.demo.comparison import compare, coverage_lines, headline_lines

ROW = {"wave": "2022", "geography": "municipality", "code": "0187", "gender": "all", "age_group": "all"}


def _tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    truth = pd.DataFrame(
        [
            {**ROW, "indicator": "a", "truth": 0.30},
            {**ROW, "indicator": "b", "truth": 0.50},
            {**ROW, "indicator": "c", "truth": 0.10},
            {**ROW, "geography": "all", "code": "all", "indicator": "a", "truth": 0.25},
        ]
    )
    figures = {"statistic": "proportion"}
    estimates = pd.DataFrame(
        [
            {**ROW, **figures, "indicator": "a", "estimate": 0.31, "lower": 0.28, "upper": 0.34},
            {**ROW, **figures, "indicator": "b", "estimate": 0.40, "lower": 0.35, "upper": 0.45},
            {**ROW, **figures, "indicator": "c", "estimate": None, "lower": None, "upper": None},
            {**ROW, "statistic": "p1", "indicator": "a", "estimate": 0.1, "lower": 0.0, "upper": 0.2},
            {
                **ROW, **figures, "geography": "all", "code": "all", "indicator": "a", "estimate": 0.26,
                "lower": 0.24, "upper": 0.28,
            },
        ]
    )  # fmt: skip
    return truth, estimates


def test_an_interval_holds_the_truth_or_not_and_hidden_rows_stay_out() -> None:
    compared = compare(*_tables())
    assert list(compared.loc[compared["geography"] == "municipality", "holds"]) == [True, False]


def test_the_share_of_municipal_intervals_is_printed() -> None:
    assert any("50.0 %  av 2" in line for line in coverage_lines(compare(*_tables()), ["a"]))
    assert any(
        "huvudindikatorerna" in line and "100.0 %  av 1" in line
        for line in coverage_lines(compare(*_tables()), ["a"])
    )


def test_headlines_show_truth_estimate_and_interval_of_the_region() -> None:
    lines = headline_lines(compare(*_tables()), {"a": "Otrygg", "z": "Finns inte"}, "2022")
    assert "25.0%" in lines[1] and "26.0%" in lines[1] and "24.0–28.0 %" in lines[1]
    assert "ej redovisad" in lines[2]
