"""Common names and invented streets, combined at random in the register files: nobody in particular."""

import csv

from survey.demo.geography import DATA


def names(kind: str) -> list[str]:
    """The names of one kind: woman, man, last or street."""
    with (DATA / "names.csv").open(encoding="utf-8", newline="") as file:
        return [row["name"] for row in csv.DictReader(file) if row["kind"] == kind]
