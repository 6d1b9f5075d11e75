"""A pretend tea shop whose customers sign in with OneID: a relying party to copy from.

Where to look: ``signing_in`` is the callback, ``accounts`` decides whose account a uid opens, ``sessions`` binds nonces
to browsers, ``origins`` keeps other sites' pages out, ``static/shop.js`` is all that the browser does.
"""

from .app import create_app

__all__ = ["create_app"]
