"""``/validate`` and ``/validate_batch``: did this user really sign this nonce? (``docs/protocol.md``, validate)."""

from typing import TYPE_CHECKING

from keychain import errors
from keychain.validation.batch import validate_batch
from keychain.validation.question import Question, Validation
from keychain.validation.validate import validate
from keychain.web import answers, bodies, problems, schemas
from keychain.web.express import Way
from keychain.web.service import Service

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BATCH_LENGTH = 1000
# No honest batch has a tenth of it, and 4 MiB of nothing but commas would keep a parser busy for a third of a second.
MANY_COMMAS = 100_000


def ways(service: Service) -> dict[tuple[str, str], Way]:
    """The two doors that a site asks at. An array at ``/validate`` is refused: two old plugins forward a browser's
    body byte for byte, and must not ask about other people with it.
    """

    def one(environ: "WSGIEnvironment") -> dict[str, object]:
        """One payload."""
        raw = bodies.take(environ, bodies.PAYLOAD_BYTES)
        with service.permits:
            question = schemas.question(bodies.parse(raw))
            with service.store.session() as session:
                caller = service.caller(session, environ)
                answer = validate(question, caller, policy=service.policy, session=session, now=service.clock())
        return answers.validation(answer)

    def many(environ: "WSGIEnvironment") -> dict[str, object]:
        """Up to 1,000 payloads; each succeeds or fails alone, in its place."""
        with service.permits, service.store.session() as session:
            caller = service.caller(session, environ)  # before up to 4 MiB are read for anybody
        raw = bodies.take(environ, bodies.BATCH_BYTES)
        with service.batches, service.store.session() as session:
            if raw.count(b",") > MANY_COMMAS:
                raise errors.MalformedBody
            questions = _questions(bodies.parse(raw))
            found = validate_batch(questions, caller, policy=service.policy, session=session, now=service.clock())
        return answers.success(answers=[_element(answer, environ) for answer in found])

    return {("POST", "/validate"): one, ("POST", "/validate_batch"): many}


def _questions(body: dict[str, object]) -> list[Question | errors.KeychainError]:
    payloads = body.get("payloads")
    if not isinstance(payloads, list):
        raise errors.MalformedBody
    if len(payloads) > BATCH_LENGTH:
        raise errors.BatchTooLarge
    questions: list[Question | errors.KeychainError] = []
    for payload in payloads:
        try:
            questions.append(schemas.question(payload))
        except errors.KeychainError as error:
            questions.append(error)
    return questions


def _element(answer: Validation | errors.KeychainError, environ: "WSGIEnvironment") -> dict[str, object]:
    return problems.members(answer, environ) if isinstance(answer, errors.KeychainError) else answers.validation(answer)
