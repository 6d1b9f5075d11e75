"""The repo's doors (``docs/repo.md``): each reads a strict body, checks a proof, and lets a verb of the repo do it."""
