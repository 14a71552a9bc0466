"""Who may ask the page, and what a browser may do with it."""

import re

from aiohttp import web
from aiohttp.typedefs import Handler

# A name that is not loopback's own is a page elsewhere that points its name here (DNS rebinding).
_OWN_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
"""Sent with everything."""


@web.middleware
async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses other hosts and other sites; a link that a person follows is no other site's request."""
    if not _OWN_HOST.fullmatch(request.headers.get("Host", "")):
        raise web.HTTPMisdirectedRequest(text="this page is served as 127.0.0.1, localhost or [::1] only\n")
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in ("none", "same-origin") and request.headers.get("Sec-Fetch-Mode") != "navigate":
        raise web.HTTPForbidden(text="another site may not read this page\n")
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the headers to every response, refusals included."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
