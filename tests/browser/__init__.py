"""A package, unlike other folders of tests: its browsers end with it. Playwright's event loop must not meet others."""
