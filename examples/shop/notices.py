"""What the shop tells a person whose phone did not confirm, by the code of the service, the SDK or the browser library.

One table for the page's script, which finds these words in the page, and for the server.
"""

NOTICES = {
    "asking": "Your phone is being asked. This page waits for your answer, for up to 50 seconds.",
    "asker_silenced": "You told your phone not to let this shop ask. Allow it there again, and then try once more.",
    "closed": "Nothing was confirmed, and nothing has changed.",
    "confirmation_denied": "You said no on your phone, so nothing has changed.",
    "confirmation_pending": "Your phone is being asked already. Answer there first.",
    "confirmation_reported": "You said on your phone that this was not you, so nothing has changed.",
    "confirmation_timed_out": "You did not answer in time, so nothing has changed. Try again with your phone at hand.",
    "interaction_required": "OneID does not know you in this browser any more. Sign out and in again, and then try.",
    "no_phone": "No phone is connected to your OneID yet, so nothing has changed.",
    "token_refused": "The shop may not ask your phone by itself any more. Sign out and in again, and it may.",
    "too_many_confirmations": "Your phone was asked too often. Please try again in a few minutes.",
    "unavailable": "OneID is out of order at the moment. Please try again in a few minutes.",
    "words_not_approved": "What you approved is not what this order says, so nothing has changed.",
}
_SAME_AS = {
    "nonce_mismatch": "closed",
    "not_signed_in": "interaction_required",
    "roles_required": "no_phone",
}
OTHER = "That was not confirmed, so nothing has changed. Please try again."


def about(code: str | None) -> str:
    """The words for a code, known or not."""
    code = code or ""
    return NOTICES.get(_SAME_AS.get(code, code), OTHER)
