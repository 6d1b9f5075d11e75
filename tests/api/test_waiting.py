"""Two hundred requests wait for a person at a real served worker, and nobody else notices."""

import pytest

from benchmarks import waiting
from benchmarks.databases import KINDS
from keychain.web.waiting import SECONDS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_wait_beside_validations_and_the_next_is_told_so(kind):
    found = waiting.room(kind, validations=200)
    print(found.text())
    assert found.one_more == "waiting_room_full"
    assert found.beside.median < max(5 * found.alone.median, 0.1)
    assert found.share < 0.25, "of a processor, for all that sleep"
    assert found.memory < 100 * 2**20


@pytest.mark.parametrize("kind", KINDS)
def test_open_phones_hear_of_news_within_a_second_or_so(kind):
    found = waiting.polling(kind, phones=100, seconds=3)
    print(found.text())
    assert found.delay < 5, "fivefold slack"
    assert found.polls_per_second > 20


def test_a_site_is_answered_before_its_client_gives_up():
    assert SECONDS < 50
