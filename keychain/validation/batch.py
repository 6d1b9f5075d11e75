"""Many questions of one site at once: the steps of ``validate``, each taken for all of them together.

Every question succeeds or fails alone. Records are read in one statement before the first step 4; sign-ins of users on
record, nearly all of them, are spent in one statement; a first use or a change of a record gets a transaction of its
own, so that its failure takes back nothing but itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from keychain import errors
from keychain.store.engine import Session
from keychain.validation import record, replay
from keychain.validation.question import Caller, Policy, Question, Validation
from keychain.validation.validate import Proof, UnverifiedAssertion, note_mismatch, parse, prove, settle

Taken = TypeVar("Taken")
Reached = TypeVar("Reached")
Answer = Validation | errors.KeychainError


def validate_batch(
    questions: Sequence[Question | errors.KeychainError],
    caller: Caller,
    *,
    policy: Policy,
    session: Session,
    now: datetime,
) -> list[Answer]:
    """Answer each question in its place; one that is an error already keeps it.

    Raises:
        Unavailable: if the records can not be read, or the nonces of users on record not be spent: nothing was decided.
            A first use or a change that meets it alone has it as its answer.
    """
    answers: dict[int, Answer] = {}
    asked: dict[int, Question] = {}
    for place, question in enumerate(questions):
        if isinstance(question, Question):
            asked[place] = question
        else:
            answers[place] = question

    assertions = _step(answers, lambda question: parse(question, policy, now), asked)
    on_record = record.read_many(session, {assertion.question.uid for assertion in assertions.values()})

    def believe(assertion: UnverifiedAssertion) -> Proof:
        return prove(assertion, on_record[assertion.question.uid], caller, policy, now)

    def settle_alone(proof: Proof) -> Validation:
        return settle(proof, policy, session, now)

    proofs = _step(answers, believe, assertions)
    answers |= _spend_together(session, {place: proof for place, proof in proofs.items() if not proof.ruling.writes})
    writing = {place: proof for place, proof in proofs.items() if proof.ruling.writes}
    answers |= _step(answers, settle_alone, writing)
    for place, assertion in assertions.items():  # last: a trace can wait, and may have to
        if isinstance(answers[place], errors.KeyNotOnRecord):
            current = None if place in writing else on_record[assertion.question.uid]
            note_mismatch(assertion, current, caller, session, now)
    return [answers[place] for place in range(len(questions))]


def _step(
    answers: dict[int, Answer], take: Callable[[Taken], Reached], waiting: Mapping[int, Taken]
) -> dict[int, Reached]:
    """Take one step for each that got so far; those that fail have their answer."""
    reached = {}
    for place, value in waiting.items():
        try:
            reached[place] = take(value)
        except errors.KeychainError as error:
            answers[place] = error
    return reached


def _spend_together(session: Session, proofs: Mapping[int, Proof]) -> dict[int, Answer]:
    """Spend all that need nothing else. Of two that are the same, the earlier one is the first."""
    if not proofs:
        return {}
    first = _first_places(proofs.items())
    answers: dict[int, Answer] = {}
    spent = replay.spend_many(session, [proofs[place].assertion.spending for place in first])
    late = {}
    for place, proof in proofs.items():
        if place in first and proof.assertion.spending in spent:
            answers[place] = proof.answer
        else:
            late[place] = proof.assertion.spending
    if late:
        answers |= _why_late(session, late)
    return answers


def _why_late(session: Session, late: Mapping[int, replay.Spending]) -> dict[int, Answer]:
    try:
        why = replay.refusals(session, late.values())
    except errors.Unavailable as error:  # the others are spent by now, and must not lose their answers with these
        return dict.fromkeys(late, error)
    return {place: why[spending] for place, spending in late.items()}


def _first_places(proofs: Iterable[tuple[int, Proof]]) -> set[int]:
    seen: dict[tuple[str, str], int] = {}
    for place, proof in proofs:
        text, uid, _ = proof.assertion.spending
        seen.setdefault((text, uid), place)
    return set(seen.values())
