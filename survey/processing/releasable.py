"""Whether a draft may be released: nothing that it rests on or was judged beside has changed since."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis import pipeline
from survey.errors import UserError
from survey.models.release import Release
from survey.models.wave import Wave, WaveStatus
from survey.preparation.waves import find_wave, lock_wave, require_status
from survey.processing.seen_answers import seen_sha256
from survey.processing.sources import answers_sha256
from survey.processing.told_so_far import Outputs, outputs_of


def require_releasable(session: Session, wave_code: str, reason: str | None) -> Release:
    """The draft of a wave, when nothing stands in the way of releasing it."""
    wave = find_wave(session, wave_code)
    require_status(wave, WaveStatus.CLOSED)
    draft = find_draft(session, wave_code)
    if draft is None:
        raise UserError(f"Omgången {wave_code} har inget utkast att släppa. Räkna omgången först.")
    manifest = json.loads(draft.manifest)
    _require_right(wave, draft, manifest, reason)
    for code in sorted(manifest["municipalities"], reverse=True):
        lock_wave(session, code)  # the latest first: whoever releases has locked the draft's own already
    if outdated := _outdated_by(session, manifest, answers_sha256):
        raise UserError(outdated)
    return draft


def outdated_by(session: Session, draft: Release) -> str:
    """What has happened since a draft was computed that stops its release; empty when nothing has.

    For the page: the release itself reads every answer.
    """
    return _outdated_by(session, json.loads(draft.manifest), seen_sha256)


def find_draft(session: Session, wave_code: str) -> Release | None:
    """What has been computed of a wave and is not released."""
    return session.scalar(
        select(Release).where(Release.wave_code == wave_code, Release.released_at.is_(None))
    )


def _require_right(wave: Wave, draft: Release, manifest: Mapping[str, object], reason: str | None) -> None:
    if not wave.synthetic and manifest["disclosure"] != pipeline.DISCLOSURE_CONTROL:
        raise UserError(
            f"Omgången {wave.code} har riktiga svar och kan inte släppas: röjandekontrollen är "
            f"{manifest['disclosure']!r}, så dolda celler kan räknas fram ur de visade. "
            "Räkna omgången på nytt."
        )
    if draft.version > 1 and not (reason or "").strip():
        raise UserError(
            f"Omgången {wave.code} är redan släppt. Version {draft.version} är en rättelse "
            "och behöver ett skäl."
        )


def _outdated_by(
    session: Session,
    manifest: Mapping[str, Any],
    fingerprint: Callable[[Session, str, Iterable[str]], str],
) -> str:
    beside = manifest.get("beside", {})
    for code, municipalities in sorted(manifest["municipalities"].items(), reverse=True):
        # A withdrawal after the computation must not be in what is published.
        if fingerprint(session, code, municipalities) != manifest["fingerprints"][code]["answers"]:
            return f"Svaren i omgången {code} har ändrats sedan utkastet räknades. Räkna omgången på nytt."
        # Nor was what has been told of a wave since judged beside the draft.
        if code not in beside or Outputs.of(beside[code]) != outputs_of(session, code):
            return (
                f"Ett resultat har släppts eller en tabell har godkänts ur omgången {code} sedan utkastet "
                "räknades. Räkna omgången på nytt."
            )
    return ""
