"""The repo half: the user's cloud half. It keeps sealed blobs that it can not read, and adds its own co-signature.

Files named after a verb (``joining``, ``minting``, ``cosigning`` ...) import the collections beside them (``accounts``,
``devices``, ``identities`` ...); collections import neither them nor each other. ``signers`` says who sent a request,
and whether they are alive: over all tables at once, so that ending a device ends what hangs on it.
"""
