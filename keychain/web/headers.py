"""The headers that pages and files travel with, as data: one table, and a test that walks every page.

What is not allowed here is forbidden: every policy begins with ``default-src 'none'``. No page but the frame may be
framed, because consent that is given in a frame can be stolen with a click. Nothing sets a cookie.
"""

_CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'"
_SCRIPTED = f"{_CLOSED}; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'"

_EVERYWHERE = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# Kept, but asked about each time: a page names its build, and so decides which files are used.
_ASKED = {"Cache-Control": "no-cache"}

# A page to read: no scripts, no openers.
READ = {
    **_EVERYWHERE,
    **_ASKED,
    "Content-Security-Policy": f"{_CLOSED}; style-src 'self'; img-src 'self'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

# A window that a site opens and talks to: it has to keep its opener.
POPUP = {
    **READ,
    "Content-Security-Policy": f"{_SCRIPTED}; style-src 'self'; img-src 'self'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "unsafe-none",
}

# A page that does something, opens nothing and is opened by nobody.
PAGE = {
    **READ,
    "Content-Security-Policy": f"{_SCRIPTED}; style-src 'self'; img-src 'self'; frame-ancestors 'none'",
}

# The app of a phone: a page that opens nothing and is opened by nobody, with a worker and a manifest.
APP = {
    **READ,
    "Content-Security-Policy": (
        f"{_SCRIPTED}; style-src 'self'; img-src 'self'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'"
    ),
}

# The app's worker, which a browser asks about at each visit. It may serve the app although it lies beside it.
WORKER = {
    **_EVERYWHERE,
    **_ASKED,
    "Content-Security-Policy": f"{_CLOSED}; connect-src 'self'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Service-Worker-Allowed": "/remote",
}

# What every site embeds, also a site that is isolated (COEP); it shows nothing, so there is nothing to click on.
FRAME = {
    **_EVERYWHERE,
    **_ASKED,
    "Content-Security-Policy": f"{_SCRIPTED}; frame-ancestors *",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

# A file under the name of its build: never another content, so never asked about again.
FILE = {
    **_EVERYWHERE,
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": f"{_CLOSED}; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# The script that sites load: for any origin, with CORS, so that a site can hold it against a hash (SRI).
_FOR_SITES = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
SHIM_OF_BUILD = {**FILE, **_FOR_SITES}
# Its lasting address: a repaired shim reaches every site within this time.
SHIM = {**SHIM_OF_BUILD, "Cache-Control": "public, max-age=300"}
# The hashes of the bundle, for whoever checks what is served.
INTEGRITY = {**SHIM_OF_BUILD, **_ASKED}
