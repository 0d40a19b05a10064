"""The blueprint that the pages of the room share."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__, url_prefix="/drift")
