"""What others need for the same job, beside ours in one run: ``make bench-peers``.

A peer is a small service as the documentation of its packages shows it: ``flask`` with py_webauthn under gunicorn, and
``express`` with SimpleWebAuthn. Each checks its caller's credentials, verifies one assertion of a passkey and spends
its challenge durably. They are built from their own packages, pinned beside them, into a folder that ``make clean``
removes; the project itself depends on none of them.
"""
