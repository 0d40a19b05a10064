"""All rows of both databases, to see that nothing has been changed."""

from sqlalchemy import inspect, text

from survey.database import Databases

# Who looked is kept: in the log, in the session and, of those without one, in the count of tries.
OF_LOOKING = {"audit_event", "browser_session", "code_attempt"}


def stored_rows(databases: Databases) -> dict[str, list[str]]:
    """The rows of every table but those that keep who looked, in an order of their own."""
    rows = {}
    for engine in (databases.survey, databases.identity):
        with engine.connect() as connection:
            for table in set(inspect(engine).get_table_names()) - OF_LOOKING:
                found = connection.execute(text(f'SELECT * FROM "{table}"'))
                rows[f"{engine.url.database}/{table}"] = sorted(map(repr, found))
    return rows
