"""The service: collects answers, makes releases, shows results."""

from flask import Flask

from survey.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application: what it is made of, in order."""
    from werkzeug.middleware.proxy_fix import ProxyFix

    from survey import (
        access,
        admin,
        analyst,
        api,
        error_pages,
        headers,
        login,
        municipality,
        partners,
        public,
        resident,
        simulation,
        translation,
    )
    from survey.config import ROOT
    from survey.database import Databases

    settings = settings or Settings.from_environment()
    app = error_pages.Service(
        "survey", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config.from_mapping(settings.flask_config())
    app.extensions["settings"] = settings
    app.extensions["databases"] = Databases.connect(settings)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]
    for part in (headers, access, translation, simulation, error_pages):
        part.init_app(app)
    for room in (resident, public, login, municipality, partners, analyst, admin, api):
        app.register_blueprint(room.blueprint)
    return app
