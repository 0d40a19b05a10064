"""Settings of one installation, read once from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from survey.errors import UserError

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_KEY = 32
LOOPBACK = ("localhost", "127.0.0.1")
ADDRESS = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,185}\.[^@\s<>\".]{2,63}")
HOURS = re.compile(r"\d{1,2}([.:]\d{2})?–\d{1,2}([.:]\d{2})?", re.ASCII)


@dataclass(frozen=True)
class Settings:
    """Addresses, secrets and places; nothing that changes while the program runs."""

    survey_database: str = "sqlite:///var/survey.db"
    identity_database: str = "sqlite:///var/identity.db"
    secret_key: str = ""
    base_url: str = "http://127.0.0.1:8000"
    output: Path = Path("var")
    secure_cookies: bool = False
    # Whether staff must also show a code from an app. Off is for demonstrations and tests.
    second_factor: bool = True
    # Whether real results take two persons to release: one asks, another approves.
    release_approval: bool = True
    # Printed in the letters and shown to residents. The default is a number that is kept free for examples.
    help_phone: str = "08-465 004 00"
    help_hours: str = "9–16"  # on weekdays
    # Languages beside Swedish that every wave's reports are written in.
    report_languages: tuple[str, ...] = ()
    # Who runs the survey and where to write. Empty: the public pages say that it is missing.
    operator: str = ""
    contact_email: str = ""
    dpo_email: str = ""
    # Keys the hashes of those who are never to be contacted again. Empty: there is no such list.
    do_not_contact_key: str = ""
    # Own proxies in front of the server: the last so many addresses they pass on are believed.
    proxies: int = 0
    # The largest register file that a page takes, in bytes: ten million persons are about 1 GB.
    largest_register: int = 1_000_000_000

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read TRYGG_* variables; what is not set keeps its default."""
        defaults = cls()
        base_url = environ.get("TRYGG_BASE_URL", defaults.base_url).rstrip("/")
        if not base_url.startswith(("http://", "https://")) or not _has_host(base_url):
            raise UserError(
                f"TRYGG_BASE_URL måste vara http:// eller https:// och ett namn, men är {base_url!r}."
            )
        key = environ.get("TRYGG_DO_NOT_CONTACT_KEY", "").strip()
        if key and len(key) < SHORTEST_KEY:
            raise UserError(f"TRYGG_DO_NOT_CONTACT_KEY ska ha minst {SHORTEST_KEY} slumpade tecken.")
        proxies = environ.get("TRYGG_PROXIES", "").strip() or str(defaults.proxies)
        if not (proxies.isascii() and proxies.isdigit() and len(proxies) == 1):
            raise UserError(f"TRYGG_PROXIES ska vara antalet egna proxyservrar, 0–9, men är {proxies!r}.")
        return cls(
            survey_database=environ.get("TRYGG_SURVEY_DATABASE", defaults.survey_database),
            identity_database=environ.get("TRYGG_IDENTITY_DATABASE", defaults.identity_database),
            secret_key=environ.get("TRYGG_SECRET_KEY", defaults.secret_key),
            base_url=base_url,
            output=Path(environ.get("TRYGG_OUTPUT", str(defaults.output))),
            second_factor=_switch(environ, "TRYGG_SECOND_FACTOR", defaults.second_factor),
            release_approval=_switch(environ, "TRYGG_RELEASE_APPROVAL", defaults.release_approval),
            secure_cookies=base_url.startswith("https://"),
            help_phone=environ.get("TRYGG_HELP_PHONE", "").strip() or defaults.help_phone,
            help_hours=_hours(environ, "TRYGG_HELP_HOURS", defaults.help_hours),
            report_languages=_report_languages(environ, "TRYGG_REPORT_LANGUAGES"),
            operator=environ.get("TRYGG_OPERATOR", "").strip(),
            contact_email=_address(environ, "TRYGG_CONTACT_EMAIL"),
            dpo_email=_address(environ, "TRYGG_DPO_EMAIL"),
            do_not_contact_key=key,
            proxies=int(proxies),
            largest_register=_megabytes(environ, "TRYGG_LARGEST_REGISTER", defaults.largest_register),
        )

    def missing_facts(self) -> tuple[str, ...]:
        """The variables without which the public pages cannot say who answers for the survey."""
        facts = {
            "TRYGG_OPERATOR": self.operator,
            "TRYGG_CONTACT_EMAIL": self.contact_email,
            "TRYGG_DPO_EMAIL": self.dpo_email,
        }
        return tuple(name for name, fact in facts.items() if not fact)

    def flask_config(self) -> dict[str, object]:
        """What Flask itself needs to know."""
        if len(self.secret_key) < SHORTEST_KEY:
            raise UserError(
                "TRYGG_SECRET_KEY saknas eller är för kort. Sätt den till minst 32 slumpade tecken."
            )
        return {
            "SECRET_KEY": self.secret_key,
            "SESSION_COOKIE_SECURE": self.secure_cookies,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "MAX_CONTENT_LENGTH": 64 * 1024,
            # Under its own name, and for whoever asks on the machine itself.
            "TRUSTED_HOSTS": [urlsplit(self.base_url).hostname or "", *LOOPBACK],
        }


def _has_host(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


def _switch(environ: Mapping[str, str], name: str, default: bool) -> bool:
    said = environ.get(name, "").strip().lower() or ("on" if default else "off")
    if said not in ("on", "off"):
        raise UserError(f"{name} måste vara on eller off, men är {said!r}.")
    return said == "on"


def _hours(environ: Mapping[str, str], name: str, default: str) -> str:
    """From which hour to which, written as on the pages."""
    said = environ.get(name, "").strip().replace("-", "–") or default
    if not HOURS.fullmatch(said):
        raise UserError(f"{name} ska vara klockslag, som 9-16 eller 8.30-12, men är {said!r}.")
    return said


def _report_languages(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    said = tuple(environ.get(name, "").replace(",", " ").split())
    if set(said) - {"en"}:
        raise UserError(f"{name} kan vara en (engelska) eller tom, men är {' '.join(said)!r}.")
    return tuple(dict.fromkeys(said))


def _address(environ: Mapping[str, str], name: str) -> str:
    said = environ.get(name, "").strip()
    if said and not ADDRESS.fullmatch(said):
        raise UserError(f"{name} ska vara en e-postadress, men är {said!r}.")
    return said


def _megabytes(environ: Mapping[str, str], name: str, default: int) -> int:
    said = environ.get(name, "").strip()
    if not said:
        return default
    if not (said.isascii() and said.isdigit() and 1 <= len(said) <= 6 and int(said)):
        raise UserError(f"{name} ska vara antalet MB, 1–999999, men är {said!r}.")
    return int(said) * 10**6
