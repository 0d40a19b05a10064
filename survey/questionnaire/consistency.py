"""Finds what contradicts itself in a questionnaire: unreachable questions, reused codes, mixed units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from survey.questionnaire.places import at, is_list, is_text, mappings, option_lists, questions

Wanted = dict[str, frozenset[str]]  # by question, the codes that must have been given


def find_contradictions(source: Mapping[str, Any]) -> Iterator[str]:
    """What no entry says wrongly by itself but several do together."""
    yield from _unreachable(source)
    yield from _codes(source)
    yield from _alike(source)
    yield from _units(source)


def _unreachable(source: Mapping[str, Any]) -> Iterator[str]:
    """Questions asked only when one earlier question has two answers at once, followed through filters."""
    inherited: dict[str, Wanted] = {}
    for page in mappings(source.get("pages")):
        on_page = _follow({}, page, inherited)
        names = [(question, name) for owner, question, name in questions(source) if owner is page]
        wanted = [_follow(on_page, question, inherited) for question, _ in names]
        for (question, name), needed in zip(names, wanted, strict=True):
            inherited.setdefault(str(question.get("id")), needed)
            for target in (target for target, codes in needed.items() if not codes):
                yield (
                    f"{at(question, name)}: is never asked, "
                    f"its filters want different answers to {target!r} at once"
                )


def _follow(already: Wanted, entry: Mapping[str, Any], inherited: Mapping[str, Wanted]) -> Wanted:
    """The answers an entry needs: its own filter's and those that its targets need themselves."""
    found = dict(already)
    filters = entry.get("show_if")
    for target, codes in filters.items() if isinstance(filters, Mapping) else ():
        if target not in inherited or not is_list(codes):
            continue
        own = {target: frozenset(code for code in codes if isinstance(code, str))}
        for question, allowed in (*inherited[target].items(), *own.items()):
            found[question] = found.get(question, allowed) & allowed
    return found


def _codes(source: Mapping[str, Any]) -> Iterator[str]:
    """A code that is an answer in one place and a way not to answer in another would be counted wrongly."""
    first: dict[str, tuple[str, str]] = {}
    for options, name in option_lists(source):
        for position, option in enumerate(options, start=1):
            code, kind = option.get("code"), str(option.get("kind", "regular"))
            place = at(option, f"{name}, option {position}")
            if not isinstance(code, str):
                continue
            known, where = first.setdefault(code, (kind, place))
            if known != kind:
                yield f"{place}: the code {code!r} is reused, it is {kind!r} here and {known!r} at {where}"


def _alike(source: Mapping[str, Any]) -> Iterator[str]:
    for options, name in option_lists(source):
        words: dict[str, int] = {}
        for position, option in enumerate(options, start=1):
            text = str(option.get("text")).strip()
            if is_text(option.get("text")) and words.setdefault(text, position) != position:
                yield f"{at(option, f'{name}, option {position}')}: reads the same as option {words[text]}"


def _units(source: Mapping[str, Any]) -> Iterator[str]:
    """A question that follows from another is about the same unit, or its share would have no base."""
    units = {
        str(question.get("id")): str(question.get("unit", "person")) for _, question, _ in questions(source)
    }
    for _, question, name in questions(source):
        filters = question.get("show_if")
        unit = str(question.get("unit", "person"))
        for target in filters if isinstance(filters, Mapping) else ():
            if units.get(target, unit) != unit:
                yield (
                    f"{at(question, name)}: is about the {unit} but follows from {target!r} "
                    f"about the {units[target]}"
                )
