"""ES256 signatures in JWS compact serialization: bytes in, values out.

No I/O, no clock, no framework; importable in a REPL. One algorithm, one curve, one encoding of everything: there is
nothing to negotiate, so there is nothing to downgrade. It refuses whatever it does not need (RFC 7515, 7517, 7518).
"""
