"""The house rules, held against the syntax trees: layers, fences, the clock, names, sizes."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A module imports from a lower layer or from its own package only. The longest name that fits decides.
LAYERS = {
    "keychain": 6,
    "keychain.__main__": 7,
    "keychain.app": 5,
    "keychain.asker_port": 4,
    "keychain.audit": 3,
    "keychain.cli": 6,
    "keychain.errors": 0,
    "keychain.jose": 1,
    "keychain.logs": 0,
    "keychain.mail_address": 0,
    "keychain.mail_port": 4,
    "keychain.mint_port": 4,
    "keychain.nonce": 1,
    "keychain.origin": 0,
    "keychain.push_port": 4,
    "keychain.repo": 3,
    "keychain.settings": 1,
    "keychain.store": 2,
    "keychain.validation": 3,
    "keychain.web": 4,
}
# Who may import what from outside. Everybody else may not.
FENCES = {
    "flask": {"keychain.web", "keychain.app"},
    "werkzeug": {"keychain.web", "keychain.app"},
    "marshmallow": {"keychain.web"},
    "sqlalchemy": {"keychain.audit", "keychain.repo", "keychain.store", "keychain.validation"},
    "alembic": {"keychain.store"},
    "cryptography": {"keychain.jose", "keychain.repo.masterkeys", "keychain.push_port"},
    "granian": {"keychain.cli"},
    "click": {"keychain.cli"},
    "limits": {"keychain.web", "keychain.settings"},
    "http_ece": {"keychain.push_port"},
    "httpx": {"keychain.asker_port", "keychain.mint_port", "keychain.push_port"},
    "smtplib": {"keychain.mail_port"},
    "prometheus_client": {"keychain.cli.totals"},
    "py_vapid": set(),
    "ecdsa": set(),
}
# Where a collection would lean on another one, or on the verb that uses it.
COLLECTIONS = {
    "keychain.validation": {"sites", "record", "replay", "claims", "mismatches"},
    "keychain.repo": {
        "accounts", "control_keys", "devices", "frame_sessions", "identities", "masterkeys", "origins", "pairings",
        "proofs", "recovery",
        "confirmations", "phone_pins", "phone_settings", "push_subscriptions", "silenced",
        "address_proofs", "cards", "releases", "sign_ins", "verified_addresses",
    },
}  # fmt: skip
# What collections may use beside them: words without verbs.
BESIDE = {"keychain.validation": {"roles"}, "keychain.repo": set()}
NAMELESS = {"utils", "util", "helpers", "common", "core", "base", "manager", "handler", "misc"}
LONGEST_FILE = 260
LONGEST_FUNCTION = 45


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    for path in sorted((ROOT / "keychain").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, path, ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def under(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def layer(name: str) -> int:
    return LAYERS[max((package for package in LAYERS if under(name, package)), key=len)]


def package(name: str) -> str:
    return ".".join(name.split(".")[:2])


def crossings() -> Iterator[str]:
    for name, _, tree in modules():
        for imported in imports(tree):
            if under(imported, "keychain"):
                if package(imported) != package(name) and layer(imported) >= layer(name):
                    yield f"{name} (layer {layer(name)}) imports {imported} (layer {layer(imported)})"
            elif imported.partition(".")[0] in FENCES:
                allowed = FENCES[imported.partition(".")[0]]
                if not any(under(name, inside) for inside in allowed):
                    yield f"{name} imports {imported}, which stays in {', '.join(sorted(allowed)) or 'the tests'}"


def test_no_import_crosses_a_layer_or_a_fence():
    assert list(crossings()) == []


@pytest.mark.parametrize("half", COLLECTIONS)
def test_collections_of_a_half_import_neither_each_other_nor_a_verb(half):
    found = set()
    for name, _, tree in modules():
        collection = name.removeprefix(f"{half}.")
        if collection in COLLECTIONS[half]:
            found.add(collection)
            leaning = {imported.split(".")[2] for imported in imports(tree) if under(imported, half)}
            assert leaning <= BESIDE[half], name
    assert found == COLLECTIONS[half]


def test_the_two_halves_know_nothing_of_each_other():
    for name, _, tree in modules():
        for half, other in (("keychain.validation", "keychain.repo"), ("keychain.repo", "keychain.validation")):
            if under(name, half):
                assert not [imported for imported in imports(tree) if under(imported, other)], name


def test_one_port_joins_the_halves():
    joining = {
        name
        for name, _, tree in modules()
        if all(any(under(imported, half) for imported in imports(tree)) for half in COLLECTIONS)
    }
    # Beside the port: who wires it, and who prunes both.
    assert joining == {"keychain.mint_port", "keychain.app", "keychain.cli.loading", "keychain.cli.upkeep"}


def test_only_settings_reads_the_environment_of_the_service():
    readers = {name for name, path, _ in modules() if re.search(r"\bos\.(environ|getenv)", path.read_text())}
    assert readers == {"keychain.settings"}


def test_the_clock_is_read_at_the_edge_alone():
    readers = {
        name
        for name, _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "time"}
        if isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date", "time"}
    }
    assert readers == {"keychain.app"}


def test_nothing_swallows_every_exception():
    swallowing = [
        name
        for name, _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        if (ast.unparse(node.type) if node.type else "everything") in {"everything", "Exception", "BaseException"}
    ]
    # Threads of their own, one loop each: there is nobody to raise to, and everybody depends on the next round. And the
    # last resort of the doors that stand before Flask, as it has one of its own: an answer in our JSON.
    assert sorted(swallowing) == ["keychain.push_port", "keychain.web.express", "keychain.web.waiting"]


def test_there_is_no_switch_for_tests():
    for name, path, _ in modules():
        assert not re.search(r"TESTING|pytest|UNSAFE|SKIP_", path.read_text()), name


@pytest.mark.parametrize("folder", ["keychain", "sdk/oneid", "tests", "benchmarks"])
def test_every_module_has_a_name_that_says_something(folder):
    assert not {path.stem for path in (ROOT / folder).rglob("*.py")} & NAMELESS


@pytest.mark.parametrize("folder", ["keychain", "sdk/oneid"])
def test_files_and_functions_stay_readable(folder):
    for path in (ROOT / folder).rglob("*.py"):
        if "versions" in path.parts:
            continue  # a migration is one long list of columns
        text = path.read_text()
        assert text.count("\n") <= LONGEST_FILE, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno - node.lineno < LONGEST_FUNCTION, f"{path}: {node.name}"


def test_the_sdk_never_imports_the_service_and_needs_httpx_alone():
    outside = set()
    for path in (ROOT / "sdk" / "oneid").rglob("*.py"):
        outside |= {imported.partition(".")[0] for imported in imports(ast.parse(path.read_text()))}
    assert "keychain" not in outside
    assert outside & {"flask", "requests", "cryptography", "marshmallow", "sqlalchemy"} == set()
    assert 'dependencies = ["httpx' in (ROOT / "sdk" / "pyproject.toml").read_text()


def test_no_packaging_fact_stands_in_both_files():
    said = {"name", "version", "description", "dependencies", "install_requires", "python_requires", "license"}
    for folder in (ROOT, ROOT / "sdk"):
        placed = set(re.findall(r"^(\w+)\s*=", (folder / "setup.cfg").read_text(), re.MULTILINE))
        assert not placed & said
        assert "[tool.setuptools" not in (folder / "pyproject.toml").read_text()


def test_the_tree_holds_no_private_key():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in tracked:
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        assert b"-----BEGIN " + b"PRIVATE KEY" not in content, name
        assert b"-----BEGIN EC " + b"PRIVATE KEY" not in content, name


def test_the_package_exports_create_app_and_its_pure_parts_come_without_the_framework():
    import keychain
    from keychain.app import create_app

    assert keychain.__all__ == ["create_app"]
    assert keychain.create_app is create_app
    assert not hasattr(keychain, "app_factory")
    frameworks = "{'flask', 'werkzeug', 'marshmallow', 'sqlalchemy', 'alembic'}"
    look = f"import sys, keychain.jose.jws, keychain.nonce; sys.exit(bool({frameworks} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=True)
