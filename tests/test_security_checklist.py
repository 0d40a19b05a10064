"""The security checklist leaves nothing out, and what it names exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKLIST = (ROOT / "survey" / "SECURITY.md").read_text(encoding="utf-8")
# Every requirement of level 1 and 2 in ASVS 5.0.0, and the six of level 3 that are taken besides
# (16.3.2 is of level 2 with more asked at level 3).
LEVEL_2 = """
1.1.1–1.1.2 1.2.1–1.2.9 1.3.1–1.3.11 1.4.1–1.4.3 1.5.1–1.5.2
2.1.1–2.1.3 2.2.1–2.2.3 2.3.1–2.3.4 2.4.1
3.2.1–3.2.2 3.3.1–3.3.4 3.4.1–3.4.6 3.5.1–3.5.5 3.7.1–3.7.2
4.1.1–4.1.3 4.2.1 4.3.1–4.3.2 4.4.1–4.4.4
5.1.1 5.2.1–5.2.3 5.3.1–5.3.2 5.4.1–5.4.3
6.1.1–6.1.3 6.2.1–6.2.12 6.3.1–6.3.4 6.4.1–6.4.4 6.5.1–6.5.5 6.6.1–6.6.3 6.8.1–6.8.4
7.1.1–7.1.3 7.2.1–7.2.4 7.3.1–7.3.2 7.4.1–7.4.5 7.5.1–7.5.2 7.6.1–7.6.2
8.1.1–8.1.2 8.2.1–8.2.3 8.3.1 8.4.1
9.1.1–9.1.3 9.2.1–9.2.4
10.1.1–10.1.2 10.2.1–10.2.2 10.3.1–10.3.4 10.4.1–10.4.11 10.5.1–10.5.5 10.6.1–10.6.2 10.7.1–10.7.3
11.1.1–11.1.2 11.2.1–11.2.3 11.3.1–11.3.3 11.4.1–11.4.4 11.5.1 11.6.1
12.1.1–12.1.3 12.2.1–12.2.2 12.3.1–12.3.4
13.1.1 13.2.1–13.2.5 13.3.1–13.3.2 13.4.1–13.4.5
14.1.1–14.1.2 14.2.1–14.2.4 14.3.1–14.3.3
15.1.1–15.1.3 15.2.1–15.2.3 15.3.1–15.3.7
16.1.1 16.2.1–16.2.5 16.3.1–16.3.4 16.4.1–16.4.3 16.5.1–16.5.3
17.1.1 17.2.1–17.2.4 17.3.1–17.3.2
"""
LEVEL_3 = "1.2.10 2.3.5 6.3.8 14.2.7 16.5.4"
NUMBERS = re.compile(r"(\d+\.\d+)\.(\d+)(?:–\1\.(\d+))?")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \|(.*)\|(.*)\| (\w+) \|$", re.MULTILINE)
TICKED = re.compile(r"`([\w./-]+?)(?:(::?)(\w+))?`")


def numbers(text: str) -> list[str]:
    """Every requirement a text names, ranges written out."""
    return [
        f"{section}.{one}"
        for section, first, last in NUMBERS.findall(text)
        for one in range(int(first), int(last or first) + 1)
    ]


def places() -> Iterator[tuple[str, str, str]]:
    """Every file of the repository that the checklist names, with what it names in it."""
    for path, mark, name in TICKED.findall(CHECKLIST):
        if mark or "/" in path.strip("/") or path.endswith((".py", ".cfg", ".toml")):
            yield path, mark, name


def without_place(found: Iterator[tuple[str, str, str]]) -> list[str]:
    """What is named and does not exist."""
    lost = []
    for path, mark, name in found:
        file = ROOT / path
        if not file.is_file() or (name and not _defines(file.read_text(encoding="utf-8"), mark, name)):
            lost.append(f"{path}{mark}{name}")
    return lost


def _defines(source: str, mark: str, name: str) -> bool:
    if mark == "::":
        return re.search(rf"^def {name}\(", source, re.MULTILINE) is not None
    return re.search(rf"^\s*(?:def|class) {name}\b|^{name}\b.* = ", source, re.MULTILINE) is not None


def test_every_requirement_of_the_level_stands_once() -> None:
    aside = "".join(re.findall(r"^Does not apply: .*?\.$", CHECKLIST, re.MULTILINE | re.DOTALL))
    listed = [row[0] for row in ROW.findall(CHECKLIST)] + numbers(aside)
    assert len(set(numbers(LEVEL_2))) == 253
    assert sorted(listed) == sorted(numbers(LEVEL_2 + LEVEL_3))


def test_every_row_stands_in_its_chapter_with_a_state() -> None:
    for chapter, text in re.findall(r"^## V(\d+) (.*?)(?=^## |\Z)", CHECKLIST, re.MULTILINE | re.DOTALL):
        rows = [line for line in text.splitlines() if line.startswith("| ") and "| no. |" not in line]
        found = ROW.findall(text)
        assert len(found) == len(rows), chapter
        assert {number.split(".")[0] for number, *_ in found} <= {chapter}
        assert {state for *_, state in found} <= {"met", "part", "not"}


def test_every_test_and_line_that_the_checklist_names_exists() -> None:
    assert without_place(places()) == []


@pytest.mark.parametrize(
    "planted",
    [
        ("survey/no_such.py", "", ""),
        ("survey/access.py", ":", "no_such"),
        ("tests/test_access.py", "::", "test_no_such"),
    ],
)
def test_a_place_that_is_gone_is_seen(planted: tuple[str, str, str]) -> None:
    assert without_place(iter([planted])) == ["".join(planted)]


def test_what_is_met_names_its_place() -> None:
    silent = [
        number
        for number, _asks, by, state in ROW.findall(CHECKLIST)
        if state == "met" and "`" not in by and " above" not in by
    ]
    assert silent == []


def test_what_is_not_wholly_met_is_explained_and_nothing_else() -> None:
    explained = numbers(CHECKLIST.split("\n## Deviations\n")[1])
    open_rows = [number for number, _asks, _by, state in ROW.findall(CHECKLIST) if state != "met"]
    assert sorted(set(explained)) == sorted(open_rows)
