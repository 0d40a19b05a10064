"""Codes and names of variables where a file has only words: by what the words are."""

import re
from collections.abc import Sequence
from dataclasses import replace

from survey.preparation.statistical_files.table import AGE, REGION, SEX, Dimension, is_total

PERIOD = re.compile(r"(?:19|20)\d\d(?:[ -]?[MKQT]?\d{1,2})?", re.ASCII)
_CODED = re.compile(r"(?P<code>\d{2,6}|[A-Z]{2}\d{2,4}|\d{4}[A-Z]\d{4})\s+(?P<label>(?!år\b)\S.*)")
_CODE = re.compile(r"\d{2,6}|[A-Z]{2}\d{2,4}|\d{4}[A-Z]\d{4}\w*", re.ASCII)
_AGE = re.compile(r"(?P<low>\d{1,3})(?:[-–](?P<high>\d{1,3}))?(?P<open>\+\d{0,2})?(?: år)?", re.ASCII)
SEXES = {"män": "1", "man": "1", "men": "1", "kvinnor": "2", "kvinna": "2", "women": "2"}
_WORDS = {REGION: "region", AGE: "ålder", SEX: "kön"}


def dimension(label: str, found: Sequence[str]) -> Dimension:
    """A variable and its categories in the order of the file; without a name it is named by what it holds."""
    distinct = list(dict.fromkeys(found))
    pairs = {code_of(one): label_of(one) for one in distinct}
    if len(pairs) != len(distinct):
        raise ValueError(label)
    name = label or _kind_of(distinct) or "rubrik"
    made = Dimension(name, name, pairs)
    is_time = all(PERIOD.fullmatch(one.upper()) for one in distinct) and not made.means(REGION)
    return replace(made, is_time=is_time)


def code_of(text: str) -> str:
    """The code in front of a label, such as 0114 in 0114 Upplands Väsby; else the whole text."""
    matched = _CODED.fullmatch(text)
    return matched["code"] if matched else text


def label_of(text: str) -> str:
    """What follows the code in front of a label; else the whole text."""
    matched = _CODED.fullmatch(text)
    return matched["label"] if matched else text


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def age_bounds(text: str) -> tuple[int, int | None] | None:
    """The ages of a class such as 0 år, 16–19 år, 100+ år or SCB's 100+1; None when it is no age.

    The oldest class has no upper bound.
    """
    matched = _AGE.fullmatch(text.strip())
    if matched is None:
        return None
    low = int(matched["low"])
    if matched["open"]:
        return low, None
    high = int(matched["high"] or low)
    return (low, high) if high >= low else None


def _kind_of(values: Sequence[str]) -> str:
    """What a variable without a name holds; years are told from ages by their size."""
    plain = [one for one in values if not is_total(one)]
    if plain and all(PERIOD.fullmatch(one.upper()) for one in plain):
        return "tid"
    if plain and all(one.casefold() in SEXES for one in plain):
        return _WORDS[SEX]
    if plain and all(is_code(code_of(one)) for one in plain):
        return _WORDS[REGION]
    if plain and all(age_bounds(one) for one in plain):
        return _WORDS[AGE]
    return ""
