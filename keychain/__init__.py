"""The Keychain: answers for websites whether a user really signed a nonce.

``create_app`` is all there is to import; it is looked up late, so that ``keychain.jose`` and ``keychain.nonce`` come
without the framework.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keychain.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> object:
    """``create_app``, from where it is."""
    if name != "create_app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from keychain import app

    return app.create_app
