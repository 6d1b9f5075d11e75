"""What goes over the wire: no cookies, no signature of the device to the repo, and not one request too many."""

import json

import httpx
import pytest
from running import PATIENCE

from tests.browser.chromium import ALLOWING
from tests.browser.person import Popup

pytestmark = pytest.mark.slow

SIGN_IN = {"challenge": {"callback": "/callback"}}


def gathered(context, event):
    """What a browser does from now on, in a list that grows."""
    found = []

    def gather(one):
        found.append(one)

    context.on(event, gather)
    return found


def test_the_service_never_sets_a_cookie(site, service, make_context):
    """Neither does the browser hold one after a whole sign-in, nor does an answer of any address set one."""
    context = make_context(ALLOWING)
    requests = gathered(context, "request")
    call, page = site.visit(context).ready().open("signin", SIGN_IN)
    Popup(page).sign_up()
    call.value()
    again = site.visit(context)
    again.ready()
    again.call("signin", SIGN_IN).value()
    assert context.cookies() == []
    asked = {(request.method, request.url) for request in requests if request.url.startswith(service.origin)}
    assert len(asked) > 20
    for method, url in sorted(asked):
        answer = httpx.request(method, url.replace(service.origin, service.url), timeout=PATIENCE)
        assert "set-cookie" not in answer.headers, url


def test_the_signature_of_the_device_never_reaches_the_repo_at_a_sign_in(site, service, context, nonce_of):
    asked = gathered(context, "request")
    call, page = site.visit(context).ready().open("signin", SIGN_IN)
    Popup(page).sign_up()
    call.value()
    visit = site.visit(context)
    visit.ready()
    visit.call("signin", SIGN_IN).value()
    payloads = site.pages.callbacks()
    assert len(payloads) == 2
    for payload in payloads:
        signed = payload["nonces"]["ad"]["nonce"]
        signature = signed.rpartition(".")[2]
        for request in asked:
            if request.url.startswith(service.origin):
                everything = f"{request.url} {json.dumps(request.headers)} {request.post_data or ''}"
                assert signature not in everything
    cosigned = [request for request in asked if request.url == f"{service.origin}/repo/cosign"]
    assert [sorted(request.post_data_json) for request in cosigned] == [["nonce", "origin", "uid"]] * len(cosigned)


def test_no_secret_of_the_browser_goes_to_the_service(site, service, context):
    """What is told is sealed: neither S, nor a private key, nor the OneID Key is in any request."""
    asked = gathered(context, "request")
    call, page = site.visit(context).open("signin", SIGN_IN)
    key = Popup(page).sign_up_with_key()
    call.value()
    bodies = " ".join(request.post_data or "" for request in asked if request.url.startswith(service.origin))
    assert "sealed" in bodies
    assert key not in bodies
    assert key.replace("-", "") not in bodies.upper()
    assert '"d"' not in bodies
    assert "PRIVATE" not in bodies


def test_a_later_sign_in_is_one_request_to_the_repo_and_one_to_the_site(site, service, context):
    call, page = site.visit(context).ready().open("signin", SIGN_IN)
    Popup(page).sign_up()
    call.value()
    visit = site.visit(context)
    visit.ready()
    requests = gathered(context, "request")
    visit.call("signin", SIGN_IN).value()
    asked = [f"{request.method} {request.url}" for request in requests]
    assert asked == [f"POST {service.origin}/repo/cosign", f"POST {site.pages.origin()}/callback"]
