"""A restore killed at any of its steps leaves the old database, or the new one with its floor: nothing else."""

import os
import signal
import sys
from contextlib import closing

import pytest
from authenticator import Person
from conftest import DATABASES
from places import place
from site_client import SiteClient
from sqlalchemy import select

from keychain.app import create_app, utc_now
from keychain.cli import main
from keychain.store import engine
from keychain.store.tables import nonce_floor, records

pytestmark = pytest.mark.slow

# What Python tells its audit hooks of (PEP 578), of all that changes what is on disk or talks to PostgreSQL.
STEPS = {
    "os.link",
    "os.rename",
    "os.remove",
    "os.mkdir",
    "shutil.copyfile",
    "sqlite3.connect/handle",
    "subprocess.Popen",
}
STEPS |= {"shutil.rmtree", "tempfile.mkstemp"}
WRITES = os.O_WRONLY | os.O_RDWR
MOST = 60


def until_killed(line: list[str], step: int) -> bool:
    """Run a command, killed before its step of this number; whether it came to its end before."""
    child = os.fork()
    if not child:
        seen = 0

        def hook(event: str, arguments: tuple) -> None:
            nonlocal seen
            if event in STEPS or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES):
                seen += 1
                if seen == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        null = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(null, standard)
        sys.addaudithook(hook)
        try:
            main(line, standalone_mode=False)
        except BaseException:  # noqa: BLE001 - in a fork of the tests nothing may go on
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.WEXITSTATUS(status) == 0, f"it failed before step {step}"
    return True


def found(settings) -> tuple[set[str], bool]:
    """The uids on record, and whether there is a floor."""
    with closing(engine.open_store(settings)) as store, store.session() as session:
        return {row.uid for row in session.rows(select(records.c.uid))}, bool(session.rows(select(nonce_floor)))


@pytest.mark.parametrize("kind", DATABASES)
def test_a_restore_killed_at_any_step_leaves_the_old_or_the_new_with_its_floor(
    request, kind, run, tmp_path, monkeypatch
):
    cluster = request.getfixturevalue("postgresql") if kind == "postgresql" else ""
    with place(kind, tmp_path, cluster) as at:
        for name, value in at.environment.items():
            monkeypatch.setenv(name, value)
        run("migrate")
        people = []
        for target in ("earlier", "later"):
            app = create_app(at.settings)
            with closing(app.extensions["keychain"].store):
                people.append(Person())
                assert SiteClient.registered(app, utc_now).code(people[-1].payload(utc_now())) == "success"
            run("backup", str(tmp_path / target))
        earlier, later = {people[0].uid}, {person.uid for person in people}
        seen, ended = set(), False
        for step in range(1, MOST):
            ended = until_killed(["restore", "--yes", str(tmp_path / "earlier")], step)
            uids, floored = found(at.settings)
            assert (uids, floored) in ((later, False), (earlier, True)), f"killed before step {step}"
            seen.add(floored)
            if ended:
                break
            if floored:  # the old one again, as it was before the kill
                run("restore", "--yes", str(tmp_path / "later"))
                with closing(engine.open_store(at.settings)) as store, store.session() as session:
                    session.changed(nonce_floor.delete())
        assert ended, "it has fewer steps"
        assert seen == {False, True}
