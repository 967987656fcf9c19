"""How long the server takes to verify a card: `python -m benchmarks.verify_card`.

The whole of it but the database: reading what the page sent, chain, signature, revocation lists,
binding. Each round is a new signature by a new card; lists that were read once stay read, as in the
portal. One line of JSON: median and worst milliseconds by the clock, and median milliseconds of
processor time, which a machine busy with other work leaves as they are; for RSA and SM2.
"""

import argparse
import base64
import json
import statistics
import time
from datetime import UTC, datetime, timedelta

from authorization.cards import sm2
from authorization.cards.chain import TrustStore
from authorization.cards.challenge_text import Challenge, Purpose, new_nonce
from authorization.cards.making import Key, Made, Wish, issue, make_crl, rsa_key, sm2_key
from authorization.cards.proving import Policy, decide, examine, gather, read_sent

USCC = "91210200123456789X"
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)


def authority(name: str, key: Key, issuer: Made | None = None) -> Made:
    """Make an authority."""
    wish = Wish(
        (("country_name", "CN"), ("common_name", name)),
        NOW - 100 * DAY,
        NOW + 100 * DAY,
        is_ca=True,
        key_usage=frozenset({"key_cert_sign", "crl_sign"}),
    )
    return issue(wish, key, issuer)


def card(key: Key, issuer: Made) -> Made:
    """Make a legal person's card."""
    wish = Wish(
        (("country_name", "CN"), ("common_name", "欧阳小三")),
        NOW - DAY,
        NOW + DAY,
        eport={"5.1": "大连虚构贸易有限公司", "5.3": "01", "5.11": USCC[8:17]},
    )
    return issue(wish, key, issuer)


def measure(keys: list[Key], rounds: int, revoked: int) -> list[tuple[float, float]]:
    """Verify so many cards of one algorithm; (clock, processor) milliseconds of each."""
    root = authority("根", keys[0])
    link = authority("管理中心", keys[1], root)
    serials = {10**16 + number: NOW for number in range(revoked)}
    crls = [make_crl(root, {}, NOW), make_crl(link, serials, NOW)]
    policy = Policy(TrustStore((root.certificate,), (link.certificate,)))
    taken = []
    for _ in range(rounds + 1):
        made = card(keys[2], link)
        text = Challenge(
            "https://portal.example", Purpose.AUTHORIZE, "大连虚构贸易有限公司", USCC, "wang", NOW,
            new_nonce(),
        ).text  # fmt: skip
        signature = base64.b64encode(made.key.sign(text.encode(), raw=True)).decode()
        sent_card = base64.b64encode(made.certificate.der).decode()
        at = datetime.now(UTC)
        began, began_cpu = time.perf_counter(), time.process_time()
        sent = read_sent(text, signature, sent_card)
        examined = examine(sent, policy, at)
        proofs, _ = gather(examined, policy, at, crls=crls, responders=[], fetch=no_one)
        decide(examined, proofs, policy, USCC, at)
        clock, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        taken.append((clock * 1000, cpu * 1000))
    return taken[1:]  # the first one read the lists


def no_one(url: str, question: bytes) -> bytes:
    """Ask nobody."""
    raise AssertionError


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--revoked", type=int, default=1000, help="entries of the cards' list")
    options = parser.parse_args()
    figures = {"name": "verify_card", "rounds": options.rounds, "sm2_library": sm2.use()}
    for name, make in (("rsa", rsa_key), ("sm2", sm2_key)):
        taken = measure([make() for _ in range(3)], options.rounds, options.revoked)
        clock, cpu = zip(*taken, strict=True)
        figures[f"{name}_median_ms"] = round(statistics.median(clock), 2)
        figures[f"{name}_worst_ms"] = round(max(clock), 2)
        figures[f"{name}_cpu_median_ms"] = round(statistics.median(cpu), 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
