"""METHODS.md and the docstrings name the same methods."""

import re
from pathlib import Path

import pytest

import analysis

FOLDER = Path(analysis.__file__).parent
METHODS = (FOLDER / "METHODS.md").read_text(encoding="utf-8")
WRITTEN = [int(number) for number in re.findall(r"^## M-(\d+) ", METHODS, flags=re.MULTILINE)]


def cited(text):
    """The anchors a text names; "M-9 to M-13" names five."""
    found = set()
    for first, last in re.findall(r"M-(\d+)(?: to M-(\d+))?", text):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def section(number):
    return METHODS.split(f"## M-{number} ")[1].split("\n## ")[0]


def test_the_methods_are_numbered_without_gaps():
    assert list(range(1, len(WRITTEN) + 1)) == WRITTEN


@pytest.mark.parametrize("module", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_a_module_names_only_methods_that_are_written(module):
    assert cited(module.read_text(encoding="utf-8")) <= set(WRITTEN)


@pytest.mark.parametrize("number", WRITTEN)
def test_every_method_is_named_where_it_is_computed(number):
    assert any(number in cited(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.py"))


@pytest.mark.parametrize("number", WRITTEN)
def test_every_method_says_when_it_is_wrong_or_rests_on_one_that_does(number):
    assert any("*Wrong when*" in section(one) for one in {number} | cited(section(number))) or number in (
        14,
        19,
    )


def test_every_reason_code_is_explained():
    codes = set()
    for name in ("reasons", "disclosure", "changes", "published"):
        source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        codes |= set(re.findall(r'^[A-Z_]+ = "([a-z_]+)"', source, flags=re.MULTILINE))
    assert len(codes) == 13
    for code in codes:
        assert f"| {code} |" in METHODS
