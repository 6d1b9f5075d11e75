from authenticator import Person


def test_a_co_signed_payload_validates_once(site, clock):
    payload = Person().payload(clock.now)
    assert site.validate(payload) == {
        "errorcode": 0,
        "error": "success",
        "attr_claims": {},
        "valid_signatures": ["ad", "repo"],
        "first_use": True,
    }
    assert site.code(payload) == "replayed_nonce"
    assert site.batch([Person().payload(clock.now), payload])[1]["code"] == "replayed_nonce"
