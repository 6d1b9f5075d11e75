"""The raw limit: what two P-256 verifications cost where there is nothing around them.

The keys are loaded and the signatures are DER already, so this is OpenSSL as ``cryptography`` calls it and nothing
else: no service in Python that checks two signatures can cost less. CPU time, because others use the machine too.
"""

import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PAIRS = 500  # about 60 ms
SIGNED = b"x" * 110  # as long as the signing input of a nonce

ES256 = ec.ECDSA(hashes.SHA256())


@dataclass
class Limit:
    """Samples taken all through a run, so that a clock that changes its speed changes both sides of the ratio."""

    samples: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """CPU seconds of two verifications: the median."""
        return statistics.median(self.samples)

    def sample(self) -> None:
        """Measure once more."""
        self.samples.append(measure())


def measure(pairs: int = PAIRS) -> float:
    """CPU seconds of two verifications by two keys, over ``pairs`` repetitions."""
    private = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    loaded = [(key.public_key(), key.sign(SIGNED, ES256)) for key in private]
    began = time.process_time()
    for _ in range(pairs):
        for key, signature in loaded:
            key.verify(signature, SIGNED, ES256)
    return (time.process_time() - began) / pairs


def openssl_speed() -> str:
    """What ``openssl speed`` of this machine says, for information: it is another build than the one measured here."""
    program = shutil.which("openssl")
    if program is None:
        return "no openssl on this machine"
    command = [program, "speed", "-seconds", "1", "ecdsap256"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout
    figures = [line.split() for line in said.splitlines() if "nistp256" in line]
    if not figures:
        return "openssl speed said nothing"
    per_second = float(figures[0][-1])
    return f"{2e6 / per_second:.0f} µs for two ({per_second:.0f} verifications/s)"
