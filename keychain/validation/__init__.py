"""The Keychain half: did this user really sign this nonce? It holds public keys only.

``validate`` is the heart and imports the collections beside it (``sites``, ``record``, ``replay``, ``mismatches``,
``claims``); they import neither it nor each other.
"""
