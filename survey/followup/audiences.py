"""Who may read what stands beside the survey: each audience reads what the wider ones may read too."""

from collections.abc import Mapping

from survey.models.account import Role
from survey.models.source import SourceAudience

AUDIENCE_WORDS: Mapping[SourceAudience, str] = {
    SourceAudience.PUBLIC: "alla",
    SourceAudience.MUNICIPALITY: "kommunen och polisen",
    SourceAudience.POLICE: "bara polisen",
}
# A role that is not here reads what everybody may read.
_ROLES: Mapping[str, SourceAudience] = {
    Role.ANALYST: SourceAudience.POLICE,
    Role.OWNER: SourceAudience.POLICE,
    Role.POLICE: SourceAudience.POLICE,
    Role.MUNICIPALITY: SourceAudience.MUNICIPALITY,
}


def audience_of(role: str) -> SourceAudience:
    """As which audience a member of staff reads."""
    return _ROLES.get(role, SourceAudience.PUBLIC)


def readable_by(audience: SourceAudience) -> tuple[str, ...]:
    """The audiences whose texts and figures an audience may read."""
    ordered = list(SourceAudience)
    return tuple(one.value for one in ordered[: ordered.index(audience) + 1])
