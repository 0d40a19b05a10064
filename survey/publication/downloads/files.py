"""Names of files for people, and files that are either whole or not there."""

import os
import re
import unicodedata
from pathlib import Path
from tempfile import NamedTemporaryFile

from survey.models.release import Release
from survey.notice import file_suffix


def slug(name: str) -> str:
    """ "Upplands Väsby" as "upplands-vasby": letters a to z, digits and hyphens only."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "kommun"


def municipality_file(code: str, name: str, synthetic: bool, extension: str) -> str:
    """ "0182-nacka-SIMULERADE-SVAR.pdf"."""
    return f"{code}-{slug(name)}{file_suffix(synthetic)}.{extension}"


def analysts_file(release: Release, name: str, extension: str) -> str:
    """ "2019-estimates-SIMULERADE-SVAR.csv": a file of every municipality."""
    return f"{release.wave_code}-{name}{file_suffix(release.synthetic)}.{extension}"


def release_folder(output: Path, kind: str, release: Release) -> Path:
    """Where the files of a release lie: those of a correction beside the first version's, which are kept."""
    folder = output / kind / release.wave_code
    return folder if release.version == 1 else folder / f"version-{release.version}"


def write_whole(path: Path, content: bytes) -> Path:
    """Write beside and move into place, so that nobody ever reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        beside = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            beside.unlink()
            raise
    path.chmod(0o644)
    return path
