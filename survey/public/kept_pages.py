"""Pages of results as text, made once: a release never changes, and who may read it is asked every time."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

KEPT_AT_MOST = 1000  # some 30 kB each


@dataclass(frozen=True)
class KeptPage:
    """The page, and the areas of the municipality that have one of their own."""

    text: str
    areas: frozenset[str]


def kept(key: object, make: Callable[[], KeptPage]) -> KeptPage:
    """The page under a key that names all it depends on."""
    pages: dict[object, KeptPage] = current_app.extensions.setdefault("public pages", {})
    found = pages.get(key)
    if found is None:
        if len(pages) >= KEPT_AT_MOST:
            pages.clear()
        found = pages[key] = make()
    return found
