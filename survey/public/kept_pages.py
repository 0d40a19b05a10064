"""Pages and files of results, made once: a release never changes, and who may read it is asked every time."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

KEPT_AT_MOST = 1000  # some 10 to 40 kB each, packed


@dataclass(frozen=True)
class Kept:
    """A page or a file, packed."""

    packed: bytes
    areas: frozenset[str] = frozenset()  # of the municipality, those that have a page of their own
    file_name: str = ""

    @property
    def content(self) -> bytes:
        return gzip.decompress(self.packed)


def pack(content: bytes) -> bytes:
    """The same bytes for the same content, whenever they are packed."""
    return gzip.compress(content, mtime=0)


def kept(key: object, make: Callable[[], Kept]) -> Kept:
    """What is kept under a key that names all it depends on."""
    store: dict[object, Kept] = current_app.extensions.setdefault("public pages", {})
    found = store.get(key)
    if found is None:
        if len(store) >= KEPT_AT_MOST:
            store.clear()
        found = store[key] = make()
    return found
