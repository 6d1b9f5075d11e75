"""``/validate`` and ``/validate_batch``: did this user really sign this nonce? (``docs/protocol.md``, validate)."""

from flask import Blueprint, Response

from keychain import errors
from keychain.validation.batch import validate_batch
from keychain.validation.question import Question, Validation
from keychain.validation.validate import validate
from keychain.web import answers, bodies, problems, schemas
from keychain.web.service import Service

BATCH_LENGTH = 1000


def door(service: Service) -> Blueprint:
    """The two doors that a site asks at. An array at ``/validate`` is refused: two old plugins forward a browser's
    body byte for byte, and must not ask about other people with it.
    """
    blueprint = Blueprint("validate", __name__)

    @blueprint.route("/validate", methods=["POST"])
    def one() -> Response:
        """One payload."""
        question = schemas.question(bodies.parse(bodies.read(bodies.PAYLOAD_BYTES)))
        with service.store.session() as session:
            caller = service.caller(session)
            answer = validate(question, caller, policy=service.policy, session=session, now=service.clock())
        return answers.render(answers.validation(answer))

    @blueprint.route("/validate_batch", methods=["POST"])
    def many() -> Response:
        """Up to 1,000 payloads; each succeeds or fails alone, in its place."""
        raw = bodies.read(bodies.BATCH_BYTES)
        with service.store.session() as session:
            caller = service.caller(session)  # before a parser is put to work on up to 4 MiB
            questions = _questions(bodies.parse(raw))
            found = validate_batch(questions, caller, policy=service.policy, session=session, now=service.clock())
        return answers.render(answers.success(answers=[_element(answer) for answer in found]))

    return blueprint


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


def _element(answer: Validation | errors.KeychainError) -> dict[str, object]:
    return problems.members(answer) if isinstance(answer, errors.KeychainError) else answers.validation(answer)
