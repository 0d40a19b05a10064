"""Reads YAML so that every mapping knows its line, a key written twice is a fault and texts stay texts."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import yaml


class QuestionnaireError(Exception):
    """What is wrong in a library file, every fault with its place."""

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        self.file = file
        self.faults = tuple(f"{file}: {fault}" for fault in faults)
        super().__init__("\n".join(self.faults))


class Located(dict[str, Any]):
    """A mapping that remembers the line of the file it starts on; the outermost also its doubled keys."""

    line: int = 0
    doubled: tuple[str, ...] = ()


class _Loader(yaml.CSafeLoader):
    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.doubled: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key.value, str):
                continue  # a list as a key: the loader itself refuses it
            if key.value in seen:
                self.doubled.append(f"line {key.start_mark.line + 1}: the key {key.value!r} is written twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep=True)


def _located(loader: _Loader, node: yaml.MappingNode) -> Located:
    located = Located()
    located.update((str(key), value) for key, value in loader.construct_mapping(node).items())
    located.line = node.start_mark.line + 1
    return located


# In YAML 1.1 the words yes, no, on and off are truth values; here they are words.
_Loader.yaml_implicit_resolvers = {
    first: [rule for rule in rules if not (rule[0] == "tag:yaml.org,2002:bool" and first in "yYnNoO")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("tag:yaml.org,2002:map", _located)


def read_source(text: str, file: str) -> Located:
    """The mapping a library file holds; broken YAML stops here, doubled keys wait for the other faults."""
    loader = _Loader(text)
    try:
        source = loader.get_single_data()
    except yaml.YAMLError as error:
        raise QuestionnaireError(file, [f"not readable as YAML: {error}"]) from error
    finally:
        loader.dispose()
    if not isinstance(source, Located):
        raise QuestionnaireError(file, [*loader.doubled, "must be a mapping with keys and values"])
    source.doubled = tuple(loader.doubled)
    return source
