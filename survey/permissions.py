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
    REQUEST_TABLES = "request tables"  # of answers that no release holds, before anybody has approved them
    EXPORT_MICRODATA = "export microdata"  # asked of by the command line; no page gives microdata out
    PREVIEW_QUESTIONNAIRES = "preview questionnaires"
    SEE_WAVES = "see waves"
    SEE_FIELDWORK = "see fieldwork"
    MANAGE_SOURCES = "manage other sources"  # levels, vulnerable areas, series, events anywhere
    WRITE_EVENTS = "write events of a municipality"
    PLAN_WAVES = "plan waves"
    PREPARE_SAMPLE = "prepare the sample"  # the register file, the sample, the order to print
    FETCH_LETTERS = "fetch letters"  # files with names, addresses and codes
    PLAN_MAILINGS = "plan mailings"
    RECORD_RETURNS = "record returns"
    WRITE_PROMISES = "write promises"  # and sign them, each for its own party
    SET_FOCUS_AREAS = "set the areas in which promises are asked for"
    ANSWER_INVITATIONS = "answer invitations"  # a municipality's; an owner may do it on its behalf
    HELP_RESIDENTS = "help residents"
    KEY_FORMS = "key in paper forms"
    SCREEN_TEXTS = "screen texts"  # what people wrote in their own words, read by nobody else before
    READ_TEXTS = "read passed texts"
    MANAGE_ACCOUNTS = "manage accounts"
    READ_AUDIT_LOG = "read the audit log"
    READ_PICTURES = "read situation pictures"  # of one's own places
    WRITE_PICTURES = "write situation pictures"  # and sign them for one's own side
    KEEP_OWN_ACCOUNT = "keep one's own account"


PICTURES = (Permission.READ_PICTURES, Permission.WRITE_PICTURES)  # what the partners share
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
            Permission.MANAGE_SOURCES,
            Permission.RELEASE_RESULTS,
            Permission.PREVIEW_QUESTIONNAIRES,
            Permission.SET_FOCUS_AREAS,
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
            Permission.WRITE_EVENTS,
            Permission.PREVIEW_QUESTIONNAIRES,
            *PICTURES,
            Permission.WRITE_PROMISES,
        }
    ),
    Role.POLICE: frozenset(
        {
            Permission.SEE_DISTRICT,
            Permission.SEE_MUNICIPALITY,
            *PICTURES,
            Permission.WRITE_PROMISES,
        }
    ),
    Role.ANALYST: frozenset(
        {
            Permission.SEE_WAVES,
            Permission.SEE_FIELDWORK,
            Permission.FOLLOW_FIELDWORK,
            Permission.SEE_MUNICIPALITY,
            Permission.SEE_EVERY_MUNICIPALITY,
            Permission.MANAGE_SOURCES,
            Permission.WRITE_EVENTS,
            Permission.DOWNLOAD_TABLES,
            Permission.RELEASE_RESULTS,
            Permission.REQUEST_TABLES,
            Permission.EXPORT_MICRODATA,
            Permission.PREVIEW_QUESTIONNAIRES,
            *PICTURES,
            Permission.WRITE_PROMISES,
            Permission.SET_FOCUS_AREAS,
        }
    ),
    Role.DATA_PROTECTION: frozenset({Permission.SEE_WAVES, Permission.READ_AUDIT_LOG}),
    Role.SCREENER: frozenset({Permission.SCREEN_TEXTS}),
}
EVERY_ROLE = frozenset({Permission.KEEP_OWN_ACCOUNT})


def role_may(role: str, permission: Permission) -> bool:
    """Whether a role holds a permission."""
    return permission in ROLES.get(role, frozenset()) | EVERY_ROLE
