"""What a run of a wave says otherwise than an earlier one, and which answers, rules or code are otherwise."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analysis.keys import ESTIMATE
from analysis.revisions import revised_rows
from survey import clock
from survey.models.release import Change, Estimate, Release
from survey.models.releasing import LastRun

LARGEST = 30
REVISIONS = {
    "moved": "annat tal",
    "appeared": "visas nu men inte förut",
    "hidden": "visades förut men inte nu",
    "reworded": "annat besked om förändringen",
}
SOURCES = {
    "frame": "Urvalsramen för {wave} är en annan.",
    "population": "Folkmängden för {wave} är en annan.",
    "questionnaire": "Frågeformuläret för {wave} är ett annat.",
    "register": "Registerfilen för {wave} är en annan.",
}


@dataclass(frozen=True)
class Run:
    """What a run rested on, and what it says of its own wave."""

    name: str
    manifest: Mapping[str, Any]
    estimates: pd.DataFrame
    changes: pd.DataFrame


@dataclass(frozen=True)
class RunChange:
    """One run beside an earlier one."""

    before: str  # the earlier run, as it is called
    facts: tuple[str, ...]  # what it rests on that is otherwise
    shown_before: int
    shown: int
    counts: Mapping[str, int]
    largest: tuple[Mapping[str, Any], ...]


def stored_run(session: Session, release: Release) -> Run:
    """A draft or release as it is stored."""
    tables = []
    for model, said in ((Estimate, ("estimate", "released")), (Change, ("verdict",))):
        columns = [getattr(model, name) for name in (*ESTIMATE, *said)]
        query = select(*columns).where(model.release_id == release.id, model.wave == release.wave_code)
        rows = [tuple(row) for row in session.execute(query)]
        tables.append(pd.DataFrame(rows, columns=[*ESTIMATE, *said]))
    at = clock.local(release.created_at)
    name = (
        f"version {release.version}, som är släppt"
        if release.released_at
        else f"utkastet som {release.created_by} räknade {at:%Y-%m-%d kl. %H.%M}"
    )
    return Run(name, json.loads(release.manifest), tables[0], tables[1])


def computed_run(manifest: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], wave_code: str) -> Run:
    """A run that is not stored yet."""
    estimates, changes = (
        table[table["wave"].eq(wave_code)] for table in (tables["estimates"], tables["changes"])
    )
    return Run(
        "",
        json.loads(json.dumps(manifest)),  # as it is read back
        _plain(estimates[[*ESTIMATE, "estimate", "released"]], ESTIMATE),
        _plain(changes[[*ESTIMATE, "verdict"]], [*ESTIMATE, "verdict"]),
    )


def _plain(table: pd.DataFrame, texts: list[str]) -> pd.DataFrame:
    """Packed columns as the text that the database gives."""
    return table.astype(dict.fromkeys(texts, "str"))


def compare_runs(before: Run, now: Run) -> RunChange:
    """What is otherwise in the later run."""
    revised = revised_rows(now.estimates, now.changes, before.estimates, before.changes)
    counts = revised["kind"].value_counts()
    # An index has another scale: only shares can be ranked with each other.
    largest = revised[revised["statistic"] == "proportion"].head(LARGEST).to_dict("records")
    return RunChange(
        before.name,
        tuple(_facts(before.manifest, now.manifest)),
        int(before.estimates["released"].sum()),
        int(now.estimates["released"].sum()),
        {words: int(counts.get(kind, 0)) for kind, words in REVISIONS.items()},
        tuple(
            {str(name): None if value != value else value for name, value in row.items()} for row in largest
        ),
    )


def keep_last(session: Session, draft_id: int, change: RunChange) -> None:
    """Remember beside a draft how it differs from the draft it took the place of."""
    session.add(LastRun(release_id=draft_id, compared=json.dumps(asdict(change), ensure_ascii=False)))


def forget_last(session: Session, draft_id: int) -> None:
    """A release keeps nothing of drafts: they may have shown what it hides."""
    session.execute(delete(LastRun).where(LastRun.release_id == draft_id))


def last_change(session: Session, draft_id: int) -> RunChange | None:
    """How a draft differs from the one it took the place of; None when there was none."""
    found = session.get(LastRun, draft_id)
    if found is None:
        return None
    kept = json.loads(found.compared)
    return RunChange(**{**kept, "facts": tuple(kept["facts"]), "largest": tuple(kept["largest"])})


def _facts(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What the later run rests on that the earlier did not, in sentences."""
    yield from _other_answers(before, now)
    for wave in sorted({*before["fingerprints"], *now["fingerprints"]}):
        then, since = (manifest["fingerprints"].get(wave, {}) for manifest in (before, now))
        for name, words in SOURCES.items():
            if then and since and then.get(name) != since.get(name):
                yield words.format(wave=wave)
    old, new = (_flat(manifest["settings"]) for manifest in (before, now))
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"Inställningen {name} är {new.get(name, '–')} i stället för {old.get(name, '–')}."
    old, new = (_flat(manifest["versions"]) for manifest in (before, now))
    others = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    if "code_sha256" in others:
        yield "Programmet är ändrat."
    if libraries := [name for name in others if name != "code_sha256"]:
        yield f"Andra versioner av {', '.join(libraries)}."


def _other_answers(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for wave in sorted({*before["answers"], *now["answers"]}):
        then, since = (manifest["answers"].get(wave) for manifest in (before, now))
        if then is None or since is None:
            yield f"Omgången {wave} är {'ny i' if then is None else 'inte längre med i'} jämförelsen."
        elif then != since:
            yield f"Svaren i {wave} är {since} i stället för {then}."
        elif before["fingerprints"][wave]["answers"] != now["fingerprints"][wave]["answers"]:
            yield f"Svaren i {wave} är andra, men lika många."


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    """Settings in settings under one name."""
    found: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found
