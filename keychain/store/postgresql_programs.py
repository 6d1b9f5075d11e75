"""PostgreSQL's own programs: which of them fits a server, and how they reach a database.

A password never stands on a command line or in a file: a child has it in its environment, and it is gone with it.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO, NoReturn

from sqlalchemy import make_url, text

from keychain.settings import of_a_child
from keychain.store.engine import Store
from keychain.store.files import UnusableStore

CHUNK = 1 << 20

_PLACES = Path("/usr/lib/postgresql")  # where Debian keeps the programs of each version


def server(store: Store) -> int:
    """The server's major version."""
    with store.session() as session:
        [(number,)] = session.rows(text("SHOW server_version_num"))
    return int(number) // 10000


def program(name: str, version: int) -> str:
    """One of PostgreSQL's programs, of at least the server's version: an older one can not read from a newer server.

    Raises:
        UnusableStore: if it is not here.
    """
    placed = sorted(_PLACES.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    for candidate in (*map(str, placed), shutil.which(name)):
        if candidate is not None and _version(candidate) >= version:
            return candidate
    raise UnusableStore(f"{name} of PostgreSQL {version or 'any version'} is not here; install postgresql-client")


def _version(program: str) -> int:
    said = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def psql(beside: str) -> str:
    """The one that knows what the ``pg_restore`` writes that it stands beside."""
    own = Path(beside).with_name("psql")
    return str(own) if own.exists() else program("psql", _version(beside))


def run(
    program: str, *arguments: str, into: IO[bytes] | int = subprocess.PIPE, knowing: dict[str, str] | None = None
) -> str:
    """What a program printed; ``knowing`` is added to its environment.

    Raises:
        UnusableStore: with its first words, if it fails.
    """
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=into,
            stderr=said,
            env=of_a_child(knowing or {}),
            check=False,
        )
        if done.returncode:
            refuse(Path(program).name, said)
    return (done.stdout or b"").decode(errors="replace")


def refuse(program: str, said: IO[bytes]) -> NoReturn:
    """Say why a program failed, in its own first words.

    Raises:
        UnusableStore: always.
    """
    said.seek(0)
    lines = said.read(CHUNK).decode(errors="replace").splitlines()
    errors = [after for line in lines for _, found, after in [line.partition("ERROR:  ")] if found]
    raise UnusableStore([*errors, *lines, f"{program} failed"][0])


def reach(url: str) -> tuple[str, dict[str, str]]:
    """The argument that says where the database is, and what a program's environment has to say besides.

    Raises:
        UnusableStore: if a secret would have to stand on the command line.
    """
    parts = make_url(url)
    query = {name: value if isinstance(value, str) else ",".join(value) for name, value in parts.query.items()}
    password = parts.password or query.pop("password", None)
    if "sslpassword" in query:
        raise UnusableStore("sslpassword in KEYCHAIN_DATABASE_URL would be seen by all; use pg_dump by yourself")
    named = {"host": parts.host, "port": parts.port, "user": parts.username, "dbname": parts.database} | query
    from psycopg.conninfo import make_conninfo  # the driver is 9 MB that a worker need not carry

    told = make_conninfo(**{name: str(value) for name, value in named.items() if value is not None})
    return f"--dbname={told}", {} if password is None else {"PGPASSWORD": str(password)}
