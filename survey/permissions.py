"""What may be done, and which role may do it."""

from enum import StrEnum

from survey.models.account import Role


class Permission(StrEnum):
    """What a page asks of the person who opens it."""

    PUBLIC = "public"
    ANSWER = "answer"  # held by a resident who has shown a code; the resident room keeps that door
    SEE_MUNICIPALITY = "see municipality"
    FOLLOW_FIELDWORK = "follow the fieldwork of a municipality"
    SEE_DISTRICT = "see a police district"
    SEE_EVERY_MUNICIPALITY = "see every municipality"
    DOWNLOAD_TABLES = "download tables"
    RELEASE_RESULTS = "release results"
    EXPORT_MICRODATA = "export microdata"  # asked of by the command line; no page gives microdata out
    PREVIEW_QUESTIONNAIRES = "preview questionnaires"
    SEE_WAVES = "see waves"
    SEE_FIELDWORK = "see fieldwork"
    PLAN_WAVES = "plan waves"
    PREPARE_SAMPLE = "prepare the sample"  # the register file, the sample, the order to print
    FETCH_LETTERS = "fetch letters"  # files with names, addresses and codes
    PLAN_MAILINGS = "plan mailings"
    RECORD_RETURNS = "record returns"
    ANSWER_INVITATIONS = "answer invitations"  # a municipality's; an owner may do it on its behalf
    HELP_RESIDENTS = "help residents"
    KEY_FORMS = "key in paper forms"
    SCREEN_TEXTS = "screen texts"  # what people wrote in their own words, read by nobody else before
    READ_TEXTS = "read passed texts"
    MANAGE_ACCOUNTS = "manage accounts"
    READ_AUDIT_LOG = "read the audit log"
    KEEP_OWN_ACCOUNT = "keep one's own account"


ROLES: dict[str, frozenset[Permission]] = {
    Role.OWNER: frozenset(
        {
            Permission.SEE_WAVES,
            Permission.SEE_FIELDWORK,
            Permission.PLAN_WAVES,
            Permission.PREPARE_SAMPLE,
            Permission.FETCH_LETTERS,
            Permission.PLAN_MAILINGS,
            Permission.RECORD_RETURNS,
            Permission.ANSWER_INVITATIONS,
            Permission.MANAGE_ACCOUNTS,
            Permission.RELEASE_RESULTS,
            Permission.PREVIEW_QUESTIONNAIRES,
        }
    ),
    Role.FIELDWORK: frozenset(
        {
            Permission.SEE_WAVES,
            Permission.PREPARE_SAMPLE,
            Permission.SEE_FIELDWORK,
            Permission.PLAN_MAILINGS,
            Permission.RECORD_RETURNS,
            Permission.PREVIEW_QUESTIONNAIRES,
        }
    ),
    Role.HELP_DESK: frozenset(
        {
            Permission.SEE_WAVES,
            Permission.RECORD_RETURNS,
            Permission.HELP_RESIDENTS,
            Permission.PREVIEW_QUESTIONNAIRES,
        }
    ),
    Role.PRINT: frozenset({Permission.FETCH_LETTERS}),
    Role.DATA_ENTRY: frozenset({Permission.KEY_FORMS}),
    Role.MUNICIPALITY: frozenset(
        {
            Permission.SEE_MUNICIPALITY,
            Permission.READ_TEXTS,
            Permission.FOLLOW_FIELDWORK,
            Permission.ANSWER_INVITATIONS,
            Permission.PREVIEW_QUESTIONNAIRES,
        }
    ),
    Role.POLICE: frozenset({Permission.SEE_DISTRICT, Permission.SEE_MUNICIPALITY}),
    Role.ANALYST: frozenset(
        {
            Permission.SEE_WAVES,
            Permission.SEE_FIELDWORK,
            Permission.FOLLOW_FIELDWORK,
            Permission.SEE_MUNICIPALITY,
            Permission.SEE_EVERY_MUNICIPALITY,
            Permission.DOWNLOAD_TABLES,
            Permission.RELEASE_RESULTS,
            Permission.EXPORT_MICRODATA,
            Permission.PREVIEW_QUESTIONNAIRES,
        }
    ),
    Role.DATA_PROTECTION: frozenset({Permission.SEE_WAVES, Permission.READ_AUDIT_LOG}),
    Role.SCREENER: frozenset({Permission.SCREEN_TEXTS}),
}
EVERY_ROLE = frozenset({Permission.KEEP_OWN_ACCOUNT})


def role_may(role: str, permission: Permission) -> bool:
    """Whether a role holds a permission."""
    return permission in ROLES.get(role, frozenset()) | EVERY_ROLE
