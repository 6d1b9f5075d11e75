"""A pretend tea shop whose customers sign in with OneID: a relying party to copy from.

Where to look: ``signing_in`` is the callback, ``accounts`` decides whose account a uid opens, ``sessions`` binds nonces
to browsers, ``confirming`` has the phone confirm what is bought or cancelled, ``origins`` keeps other sites' pages out,
``static/shop.js`` and ``static/phone.js`` are all that the browser does.
"""

from .app import create_app

__all__ = ["create_app"]
