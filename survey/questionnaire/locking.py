"""The items that must ask the same from wave to wave: a file that changes one of them is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from survey.questionnaire.places import at, questions

FILE = Path(__file__).parent / "library" / "locked.yaml"


@cache
def locked_items() -> Mapping[str, Mapping[str, str]]:
    """By core, the hash of the content of each locked question."""
    found = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {core: dict(items) for core, items in found.items()}


def find_unlocked(name: str, hashes: Mapping[str, str], source: Mapping[str, Any]) -> Iterator[str]:
    """Each locked item that a questionnaire asks in another way, or that its own core no longer asks.

    `hashes` are those of the questions of the questionnaire called `name`, whose file is `source`.
    """
    places = {str(question.get("id")): at(question, called) for _, question, called in questions(source)}
    for core, items in locked_items().items():
        for item, content in items.items():
            if item in hashes and hashes[item] != content:
                yield (
                    f"{places[item]}: is locked, and asks something else than before "
                    f"(text, answers, codes, filter or unit); its hash is now {hashes[item]}"
                )
            elif item not in hashes and name == core:
                yield f"{at(source, 'questionnaire')}: the locked question {item!r} is missing"
