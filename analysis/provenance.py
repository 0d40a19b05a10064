"""What a result was made of: versions, a fingerprint of the code, and fingerprints of files."""

import hashlib
import platform
from pathlib import Path

import numpy
import pandas
import scipy

VERSION = "0.1.0"


def versions() -> dict[str, str]:
    """Versions of the engine and of what it computes with, and the SHA-256 of the engine's own source."""
    return {
        "analysis": VERSION,
        "code_sha256": code_sha256(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "pandas": pandas.__version__,
    }


def code_sha256() -> str:
    """One fingerprint of every module of the engine: the same code gives the same figures."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
