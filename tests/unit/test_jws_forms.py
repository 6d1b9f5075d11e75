"""Which texts are a JWS here: one algorithm, one header, one serialization, one spelling."""

import ast
import base64
import hashlib
import hmac
import json
from pathlib import Path

import ecdsa
import pytest
from authenticator import Key, b64url
from ecdsa.util import sigencode_string

import keychain
from keychain.jose import base64url, jws
from keychain.jose.jwk import PrivateKey, PublicKey

KEY = Key()
PUBLIC = PublicKey(KEY.raw)
CLAIMS = {"nonce": "0012013-08-22T22:24:44ZzM2Ogb"}
TOKEN = KEY.jws(CLAIMS)
HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")
JWK = {"kty": "EC", "crv": "P-256", "x": b64url(KEY.raw[:32]), "y": b64url(KEY.raw[32:])}


def signed(header: bytes | str, payload: bytes | str = PAYLOAD) -> str:
    """A JWS whose signature is good, whatever the parts are."""
    parts = [part if isinstance(part, str) else b64url(part) for part in (header, payload)]
    signing_input = ".".join(parts)
    return f"{signing_input}.{b64url(KEY.sign(signing_input.encode('latin-1')))}"


def refused(text: str) -> bool:
    try:
        jws.parse(text)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"ES256"}',
        b'{"alg": "ES256"}',
        b' { "alg" : "ES256" } \r\n',
        b'{"\\u0061lg":"ES256"}',
        b'{"alg":"ES256","typ":"JWT"}',
        b'{"typ":"JWT","alg":"ES256"}',
    ],
)
def test_the_one_header_is_read_in_every_spelling_of_json(header):
    verified = jws.verify(jws.parse(signed(header)), PUBLIC)
    assert verified is not None
    assert (verified.claims, verified.key) == (CLAIMS, PUBLIC)


ALGORITHMS = ["none", "None", "NONE", "nOnE", "", "es256", "ES256 ", "ES256K", "ES384", "ES512", "RS256", "PS256",
              "HS256", "HS512", "EdDSA", "ES256\0", "\u0415S256", None, 0, True, ["ES256"], {"ES256": 1}]  # fmt: skip


@pytest.mark.parametrize("alg", ALGORITHMS, ids=repr)
def test_every_other_algorithm_is_refused_even_with_a_good_signature(alg):
    assert refused(signed(json.dumps({"alg": alg}).encode()))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "ES256"])
@pytest.mark.parametrize("signature", ["", "AA", b64url(bytes(64))])
def test_an_unsigned_jws_is_refused(alg, signature):
    text = f"{b64url(json.dumps({'alg': alg}).encode())}.{PAYLOAD}.{signature}"
    assert refused(text) or jws.verify(jws.parse(text), PUBLIC) is None


@pytest.mark.parametrize("secret", [KEY.raw, KEY.text.encode(), b"\x04" + KEY.raw], ids=["raw", "text", "point"])
@pytest.mark.parametrize("digest", [hashlib.sha256, hashlib.sha512])
def test_hmac_keyed_with_the_public_key_is_refused(secret, digest):
    for header in (b'{"alg":"HS256"}', b'{"alg":"HS512"}', b'{"alg":"ES256"}'):
        signing_input = f"{b64url(header)}.{PAYLOAD}"
        mac = hmac.digest(secret, signing_input.encode(), digest)
        for signature in (mac, (mac + mac)[:64]):
            text = f"{signing_input}.{b64url(signature)}"
            assert refused(text) or jws.verify(jws.parse(text), PUBLIC) is None


@pytest.mark.parametrize("alg", ["ES384", "ES256"])
def test_another_curve_is_refused(alg):
    other = ecdsa.SigningKey.generate(ecdsa.NIST384p)
    signing_input = f"{b64url(json.dumps({'alg': alg}).encode())}.{PAYLOAD}"
    signature = other.sign(signing_input.encode(), hashfunc=hashlib.sha384, sigencode=sigencode_string)
    assert len(signature) == 96
    assert refused(f"{signing_input}.{b64url(signature)}")
    with pytest.raises(ValueError, match="64 bytes"):
        PublicKey.parse(b64url(other.get_verifying_key().to_string()))


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"]}, {"crit": []}, {"crit": ["b64"], "b64": False}, {"b64": False}, {"b64": True},
        {"jwk": JWK}, {"jku": "https://example.org/k"}, {"x5u": "https://example.org/c"}, {"x5c": []}, {"kid": "1"},
        {"zip": "DEF"}, {"cty": "JWT"}, {"enc": "A128GCM"}, {"": ""}, {"ALG": "none"}, {"alg ": "none"},
    ],
    ids="+".join,
)  # fmt: skip
def test_every_other_header_parameter_is_refused(extra):
    assert refused(signed(json.dumps({"alg": "ES256", **extra}).encode()))
    assert refused(signed(json.dumps({**extra, "alg": "ES256"}).encode()))


@pytest.mark.parametrize("typ", ["jwt", "JOSE", "at+jwt", "JWT ", "", None, 1, ["JWT"]], ids=repr)
def test_every_other_type_is_refused(typ):
    assert refused(signed(json.dumps({"alg": "ES256", "typ": typ}).encode()))


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"ES256","alg":"ES256"}',
        b'{"alg":"none","alg":"ES256"}',
        b'{"alg":"ES256","\\u0061lg":"none"}',
        b'{"alg":"ES256","typ":"JWT","typ":"JWT"}',
    ],
)
def test_a_header_parameter_that_stands_twice_is_refused(header):
    assert refused(signed(header))


NOT_OBJECTS = [b"", b" ", b"null", b"true", b"1", b'"ES256"', b"[]", b'["alg","ES256"]', b'[{"alg":"ES256"}]', b"ES256",
               b"{", b"{}x", b"{'alg':'ES256'}", b"\xff\xfe", b'{"alg":"ES256\xff"}', b'\xef\xbb\xbf{"alg":"ES256"}',
               '{"alg":"ES256"}'.encode("utf-16"), b'{"alg":NaN}', b"[" * 20_000]  # fmt: skip


@pytest.mark.parametrize("part", [*NOT_OBJECTS, b"{}"], ids=lambda part: repr(part[:24]))
def test_a_header_that_is_not_the_object_is_refused(part):
    assert refused(signed(part))


@pytest.mark.parametrize("part", NOT_OBJECTS, ids=lambda part: repr(part[:24]))
def test_a_payload_that_is_not_an_object_is_refused(part):
    assert refused(signed(HEADER, part))


@pytest.mark.parametrize(
    "payload", [b'{"nonce":"a","nonce":"b"}', b'{"nonce":"a","n\\u006fnce":"a"}', b'{"a":{"b":1,"b":1}}']
)
def test_a_claim_that_stands_twice_is_refused(payload):
    assert refused(signed(HEADER, payload))


def test_an_empty_object_is_a_payload():
    assert jws.parse(signed(HEADER, b"{}")).unverified_claims == {}


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", "...", HEADER, f"{HEADER}.{PAYLOAD}", f"{HEADER}.{PAYLOAD}.", f"{HEADER}..{SIGNATURE}",
        f".{PAYLOAD}.{SIGNATURE}", f"..{SIGNATURE}", f"{TOKEN}.", f".{TOKEN}", f"{TOKEN}.{SIGNATURE}",
        f"{TOKEN}..", f"{HEADER}..{PAYLOAD}.{SIGNATURE}", f"{HEADER}.{PAYLOAD}..{SIGNATURE}",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE}.{PAYLOAD}.{SIGNATURE}", f"{HEADER},{PAYLOAD},{SIGNATURE}",
    ],
    ids=len,
)  # fmt: skip
def test_anything_but_three_parts_is_refused(text):
    assert refused(text)


@pytest.mark.parametrize(
    "document",
    [
        {"payload": PAYLOAD, "protected": HEADER, "signature": SIGNATURE},
        {"payload": PAYLOAD, "signatures": [{"protected": HEADER, "signature": SIGNATURE}]},
        [TOKEN],
        TOKEN,
    ],
    ids=["flattened", "general", "list", "string"],
)
def test_the_json_serializations_are_refused(document):
    assert refused(json.dumps(document))


@pytest.mark.parametrize("space", [" ", "\n", "\r\n", "\t", "\0", "\xa0", "\u200b", "\ufeff"])
def test_white_space_is_refused_wherever_it_stands(space):
    for text in (space + TOKEN, TOKEN + space, TOKEN.replace(".", space + "."), TOKEN.replace(".", "." + space)):
        assert refused(text)
    for at in range(0, len(TOKEN), 7):
        assert refused(TOKEN[:at] + space + TOKEN[at:])


@pytest.mark.parametrize("part", range(3))
def test_each_part_is_canonical_base64url(part):
    raw = [b'{"alg":"ES256"} ', b'{"nonce":"\\u00ff?>"}', KEY.sign(b"")]
    texts = [b64url(one) for one in raw]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(  # pragma: allowlist secret
        texts[part][-1]
    )  # pragma: allowlist secret
    stray = texts[part][:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last | 1]
    padded = base64.urlsafe_b64encode(raw[part]).decode()
    for spelling in (stray, padded, texts[part] + "=", texts[part] + "=="):
        if spelling != texts[part]:
            assert refused(".".join([*texts[:part], spelling, *texts[part + 1 :]]))


def test_a_signature_in_the_standard_alphabet_is_refused():
    standard = SIGNATURE
    while standard == SIGNATURE:
        header, payload, signature = Key().jws(CLAIMS).split(".")
        standard = signature.translate(str.maketrans("-_", "+/"))
        if standard != signature:
            assert refused(f"{header}.{payload}.{standard}")
            return


@pytest.mark.parametrize("length", [0, 1, 32, 63, 65, 66, 70, 96, 128])
def test_a_signature_of_another_length_is_refused(length):
    raw = (base64url.decode(SIGNATURE) * 2)[:length]
    assert refused(f"{HEADER}.{PAYLOAD}.{b64url(raw)}")


def test_what_we_sign_we_verify_and_a_stranger_does_not():
    private = PrivateKey()
    text = jws.sign(CLAIMS, private)
    assert base64url.decode(text.split(".")[0]) == b'{"alg":"ES256"}'  # as the service of 2013 wrote it
    assert jws.verify(jws.parse(text), private.public) == jws.VerifiedJWS(CLAIMS, private.public)
    assert jws.verify(jws.parse(text), PUBLIC) is None


def test_an_unverified_jws_has_no_claims():
    unverified = jws.parse(TOKEN)
    assert not hasattr(unverified, "claims")
    assert unverified.unverified_claims == CLAIMS


def test_only_verify_makes_a_verified_jws():
    makers = []
    for path in Path(keychain.__file__).parent.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                makers += [
                    (path.name, function.name)
                    for node in ast.walk(function)
                    if isinstance(node, ast.Call)
                    and ast.unparse(node.func).endswith("VerifiedJWS")
                    and not ast.unparse(node.func).endswith("UnverifiedJWS")
                ]
    assert makers == [("jws.py", "verify")]


@pytest.mark.parametrize(
    ("header", "typ", "taken"),
    [
        ({"alg": "ES256"}, None, True),
        ({"alg": "ES256", "typ": "JWT"}, None, True),
        ({"alg": "ES256", "typ": "proof+jwt"}, None, False),
        ({"alg": "ES256", "typ": "proof+jwt"}, "proof+jwt", True),
        ({"typ": "proof+jwt", "alg": "ES256"}, "proof+jwt", True),
        ({"alg": "ES256"}, "proof+jwt", False),
        ({"alg": "ES256", "typ": "JWT"}, "proof+jwt", False),
        ({"alg": "ES256", "typ": "proof+jwt", "kid": "x"}, "proof+jwt", False),
        ({"alg": "none", "typ": "proof+jwt"}, "proof+jwt", False),
        ({"typ": "proof+jwt"}, "proof+jwt", False),
        ({"alg": "ES256", "typ": None}, "proof+jwt", False),
    ],
)
def test_a_type_that_is_demanded_is_the_only_one_taken(header, typ, taken):
    text = Key().jws({"nonce": "x"}, header)
    if taken:
        assert jws.parse(text, typ).unverified_claims == {"nonce": "x"}
    else:
        with pytest.raises(ValueError, match="not that of an ES256 JWS"):
            jws.parse(text, typ)
