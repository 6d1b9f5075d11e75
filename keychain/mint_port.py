"""The one port through which the repo puts identities on record and changes their records, in its two shapes.

Where one process serves both halves, the repo's payload goes straight to ``validate``. Where two parties serve
one each, it goes to the Keychain's ``/validate``, with the credentials of a site that may pin (``keychain sites
allow-pin``). Both take the same steps, refuse for the same reasons, and leave nothing half made.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from keychain import errors
from keychain.jose import strict_json
from keychain.repo.minting import Mint, RecordPayload
from keychain.store.engine import Session
from keychain.validation.question import Caller, Policy, Question
from keychain.validation.sites import Site
from keychain.validation.validate import validate

if TYPE_CHECKING:
    import httpx

# Seconds. A person waits for this, but only once per site.
TIMEOUT, CONNECT_TIMEOUT = 8, 3

_REPO = Caller(Site("repo", may_pin=True), "")
_REFUSALS = {refusal.code: refusal for refusal in errors.every_code() if issubclass(refusal, errors.ProofRefused)}


class _Unexpected(Exception):
    """The Keychain answered something that is neither yes nor a refusal of the payload."""


def in_this_process(policy: Policy) -> Mint:
    """Minting by this process's own validation."""
    pinning = replace(policy, pin_unknown=True)

    def mint(payload: RecordPayload, session: Session, now: datetime) -> None:
        validate(Question(uid=payload.uid, nonces=payload.nonces), _REPO, policy=pinning, session=session, now=now)

    return mint


def over_http(client: "httpx.Client", url: str) -> Mint:
    """Minting by the Keychain at ``url``. ``client`` has credentials and time-outs, and follows no redirect."""
    import httpx  # only where it is needed: it takes 2 MB of every worker

    def mint(payload: RecordPayload, _session: Session, _now: datetime) -> None:
        nonces = {role: {"nonce": signed, "key": key} for role, (signed, key) in payload.nonces.items()}
        try:
            answer = client.post(f"{url}/validate", json={"uid": payload.uid, "nonces": nonces})
            members = strict_json.loads(answer.text)
        except (httpx.HTTPError, ValueError) as error:
            raise errors.Unavailable from error
        _believe(answer.status_code, members)

    return mint


def client_for(api_id: str, api_key: str) -> "httpx.Client":
    """The client that ``over_http`` takes."""
    import httpx

    timeout = httpx.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT)
    return httpx.Client(auth=(api_id, api_key), timeout=timeout, follow_redirects=False)


def _believe(status: int, members: Mapping[str, Any] | object) -> None:
    """Pass a yes; raise a refusal of the payload as itself, and all else as what could not be answered.

    Both are told with status 200: what has another one may be the word of something in between.
    """
    if not isinstance(members, dict):
        raise errors.Unavailable from _Unexpected(f"status {status}, no object")
    if status == HTTPStatus.OK and type(members.get("errorcode")) is int and members["errorcode"] == 0:
        return
    code = str(members.get("code"))
    if status == HTTPStatus.OK and code in _REFUSALS:
        raise _REFUSALS[code]
    ours = code in {other.code for other in errors.every_code()}
    raise errors.Unavailable from _Unexpected(f"status {status}, {code if ours else 'no code of ours'}")
