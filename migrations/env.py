"""Runs the migrations of one database (survey or identity) on the connection handed over."""

from alembic import context

connection = context.config.attributes["connection"]

context.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
