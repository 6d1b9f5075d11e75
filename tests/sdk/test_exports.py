"""The public names, their tree, and what may be imported."""

import inspect
import re
import sys
from importlib.metadata import PackageNotFoundError, version

import oneid
from oneid import errors

PUBLIC = {
    "AnswerLost",
    "AsyncOneID",
    "ConfigurationError",
    "CouldNotAsk",
    "Credentials",
    "CredentialsRefused",
    "NotAnAnswer",
    "OneID",
    "OneIDError",
    "Refused",
    "ServiceUnavailable",
    "Unreachable",
    "Validation",
    "__version__",
    "confirm",
    "make_nonce",
    "register",
    "script_tag",
    "success",
    "validate",
    "validate_many",
    "verify",
}


def test_the_public_names_are_these() -> None:
    assert set(oneid.__all__) == PUBLIC
    assert all(hasattr(oneid, name) for name in PUBLIC)


def test_the_drawn_tree_is_the_tree() -> None:
    drawn, path = {}, []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ([│├└─ ]*)(\w+Error|[A-Z]\w+)(?:\s|$)", line):
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            drawn[found[2]] = path[depth - 1] if depth else "Exception"
    real = {name: getattr(errors, name).__bases__[0].__name__ for name in errors.__all__}
    assert drawn == real


def test_everything_public_says_what_it_is() -> None:
    for name in PUBLIC - {"__version__"}:
        assert inspect.getdoc(getattr(oneid, name)), name


def test_the_twins_have_the_same_methods_and_arguments() -> None:
    for name, method in inspect.getmembers(oneid.OneID, inspect.isroutine):
        if name.startswith("_"):
            continue
        twin = inspect.signature(getattr(oneid.AsyncOneID, name))
        ours = inspect.signature(method)
        assert [*twin.parameters] == [*ours.parameters], name
        assert [p.default for p in twin.parameters.values()] == [p.default for p in ours.parameters.values()], name


def test_the_version_is_that_of_the_distribution() -> None:
    try:
        assert oneid.__version__ == version("oneid")
    except PackageNotFoundError:
        assert oneid.__version__ == "0+source"


def test_the_sdk_imports_httpx_and_nothing_else() -> None:
    imported = {
        found
        for name, module in sys.modules.items()
        if name.split(".")[0] == "oneid"
        for found in re.findall(r"^(?:from|import) (\w+)", inspect.getsource(module), re.MULTILINE)
    }
    assert imported - sys.stdlib_module_names == {"httpx"}
