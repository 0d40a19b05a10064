"""For which party somebody signs: the same for a promise and for a situation picture."""

from collections.abc import Mapping
from enum import StrEnum

from survey.models.account import Role


class Party(StrEnum):
    """One of the two who promise together and sign a shared picture."""

    MUNICIPALITY = "municipality"
    POLICE = "police"


# The region's analyst may sign on behalf of the local police; the log tells who did.
_ROLES: Mapping[str, Party] = {
    Role.MUNICIPALITY: Party.MUNICIPALITY,
    Role.POLICE: Party.POLICE,
    Role.ANALYST: Party.POLICE,
}


def party_of(role: str) -> Party | None:
    """The party that somebody of a role signs for, where the place is theirs; None of who signs nothing."""
    return _ROLES.get(role)
