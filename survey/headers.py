"""What every answer from the server tells the browser to refuse: foreign content, framing, keeping copies."""

from flask import Flask, Response, current_app, g, request

# Where "Lämna sidan snabbt" ends. A browser holds the target of a form to form-action, redirects included.
NEUTRAL_PAGE = "https://www.smhi.se/"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        f"form-action 'self' {NEUTRAL_PAGE}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # An address may hold the secret of a letter or an activation: it is never passed on.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def init_app(app: Flask) -> None:
    """Put the headers on every answer, errors included."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.after_request(protect)


def protect(response: Response) -> Response:
    """Add the headers; only static files, and pages that say for how long, may be kept by anybody."""
    response.headers.extend(HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = _keeping(response)
    # By the setting, not by the request: behind a proxy every request looks plain.
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response


def let_be_kept(seconds: int) -> None:
    """Let browsers and proxies show this page again for so long: it says the same to everybody."""
    g.kept_for = seconds


def let_be_asked_again() -> None:
    """Let the one who asked keep the answer, and ask each time whether it still holds."""
    g.asked_again = True


def _keeping(response: Response) -> str:
    seconds: int = g.get("kept_for", 0)
    if g.get("asked_again") and response.status_code in (200, 304):
        return "private, no-cache"
    # What sets a cookie is meant for one browser, and what failed may succeed the next moment.
    if seconds <= 0 or response.status_code not in (200, 304) or "Set-Cookie" in response.headers:
        return "no-store"
    return f"public, max-age={seconds}"
