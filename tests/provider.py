"""An OpenID Connect provider as a process of its own: real keys, codes, PKCE, signed ID tokens.

`python -m tests.provider CLIENT_ID CLIENT_SECRET` prints its port. Who logs in next, and which
fault it commits, are set by POST /control (JSON: claims, fault).
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CLIENT_ID, CLIENT_SECRET = "", ""
NEXT: dict[str, Any] = {"claims": {}, "fault": ""}
SEEN: dict[str, Any] = {"authorize": [], "token": []}
CODES: dict[str, dict[str, str]] = {}
TOKENS: dict[str, dict[str, Any]] = {}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def id_token(issuer: str, nonce: str) -> str:
    fault, now = NEXT["fault"], int(time.time())
    claims = {
        "iss": issuer,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 300,
        "nonce": nonce,
        **NEXT["claims"],
    }
    changes = {
        "nonce": {"nonce": "another"},
        "aud": {"aud": "another"},
        "aud_list": {"aud": ["another", "third"]},
        "iss": {"iss": issuer + "/another"},
        "expired": {"iat": now - 900, "exp": now - 600},
        "not_yet": {"iat": now + 600, "exp": now + 900},
        "azp": {"aud": [CLIENT_ID, "another"], "azp": "another"},
    }
    claims |= changes.get(fault, {})
    missing = fault.removeprefix("no_claim_") if fault.startswith("no_claim_") else ""
    claims.pop(missing, None)
    if fault == "alg_none":
        parts = [b64(json.dumps(part).encode()) for part in ({"alg": "none"}, claims)]
        return ".".join([*parts, ""])
    if fault == "shared_secret":
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))
    if fault == "public_key_as_secret":
        secret = OctKey.import_key(KEY.as_pem(private=False))
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, secret)
    key = OTHER_KEY if fault == "signature" else KEY
    token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
    if fault == "changed":
        head, _, sign = token.split(".")
        changed = {**claims, "sub": "somebody-else"}
        return ".".join([head, b64(json.dumps(changed).encode()), sign])
    return token


class Provider(BaseHTTPRequestHandler):
    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def answer(self, content: Any, status: int = 200) -> None:
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/.well-known/openid-configuration":
            self.answer(self.description())
        elif url.path == "/jwks":
            self.answer({"keys": [KEY.as_dict(private=False)]})
        elif url.path == "/authorize":
            self.authorize(asked)
        elif url.path == "/userinfo":
            who = TOKENS.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
            self.answer(who or {"error": "invalid_token"}, 200 if who else 401)
        elif url.path == "/seen":
            self.answer(SEEN)
        else:
            self.answer({}, 404)

    def description(self) -> dict[str, Any]:
        fault = NEXT["fault"]
        return {
            "issuer": self.issuer + ("/another" if fault == "description" else ""),
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/jwks",
            "userinfo_endpoint": self.issuer + "/userinfo",
            "response_types_supported": ["code"],
            # A careless provider offers more than a client may take.
            "id_token_signing_alg_values_supported": (
                ["HS256", "none"] if fault == "weak" else ["RS256", "HS256", "none"]
            ),
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, asked: dict[str, str]) -> None:
        SEEN["authorize"].append(asked)
        sound = (
            asked.get("client_id") == CLIENT_ID
            and asked.get("response_type") == "code"
            and asked.get("code_challenge_method") == "S256"
            and "openid" in asked.get("scope", "")
        )
        if not sound:
            self.answer({"error": "invalid_request"}, 400)
            return
        code = secrets.token_urlsafe(16)
        CODES[code] = asked
        back = {"code": code, "state": asked["state"]}
        if NEXT["fault"] == "state":
            back["state"] = "another"
        if NEXT["fault"] == "denied":
            back = {"error": "access_denied", "state": asked["state"]}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/control":
            NEXT.update(json.loads(body))
            self.answer({})
        elif self.path == "/token":
            self.token({name: values[0] for name, values in parse_qs(body).items()})
        else:
            self.answer({}, 404)

    def token(self, sent: dict[str, str]) -> None:
        SEEN["token"].append(sent)
        user = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic "))
        if user.decode() != f"{CLIENT_ID}:{CLIENT_SECRET}":
            self.answer({"error": "invalid_client"}, 401)
            return
        asked = CODES.pop(sent.get("code", ""), None)
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or sent.get("redirect_uri") != asked["redirect_uri"]
            or b64(verifier) != asked["code_challenge"]
        ):
            self.answer({"error": "invalid_grant"}, 400)
            return
        fault = NEXT["fault"]
        if fault == "server_error":
            self.answer("<h1>Internal Server Error</h1>", 500)
            return
        access = secrets.token_urlsafe(16)
        TOKENS[access] = {"sub": NEXT["claims"].get("sub"), **NEXT.get("userinfo", {})}
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        if fault != "no_id_token":
            answer["id_token"] = id_token(self.issuer, asked.get("nonce", ""))
        self.answer([answer] if fault == "list" else answer)


if __name__ == "__main__":
    CLIENT_ID, CLIENT_SECRET = sys.argv[1:3]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    print(server.server_address[1], flush=True)
    server.serve_forever()
