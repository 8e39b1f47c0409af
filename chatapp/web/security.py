"""Headers that every response carries."""

from flask import Flask, request
from werkzeug.wrappers import Response

DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types rows",
)
POLICY = "; ".join(DIRECTIVES)
KEPT = "private, max-age="
ONE_YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    is_https = app.config["PUBLIC_URL"].startswith("https:")

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        # A view may allow less than that, such as nothing at all, and to be kept.
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if is_https:
            headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
        if request.endpoint != "assets.static" and KEPT not in headers.get("Cache-Control", ""):
            headers["Cache-Control"] = "no-store"
        return response
