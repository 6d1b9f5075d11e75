"""``python -m keychain``: the same as the ``keychain`` command."""

from keychain.cli import main

main()
