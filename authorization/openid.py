"""The Single Window as OpenID Connect provider: sending there, and believing what comes back.

Authlib does the protocol (authorization code with PKCE S256, state, nonce, the ID token's signature
and times); what it leaves to the caller is asked for here: issuer, audience, sound algorithms only,
a time limit on every call.
"""

import secrets
from functools import lru_cache
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError

# Never "none", and never a shared secret as the signature's key.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
TIMEOUT_SECONDS = 10
LEEWAY_SECONDS = 60
_NAME = "single_window"
_ALGORITHMS_KEY = "id_token_signing_alg_values_supported"


class ProviderError(Exception):
    """The provider can't be reached or says what can't be believed; str() is for the log."""


def is_configured() -> bool:
    """Whether this installation lets users in by the Single Window."""
    return bool(settings.OIDC_ISSUER)


def send_to_provider(request: HttpRequest, callback: str) -> HttpResponse:
    """Redirect to the provider's login; state, nonce and PKCE verifier stay in the session.

    Raises ProviderError.
    """
    try:
        client = _client()
        _metadata(client)
        # Authlib's own nonce has 119 bits.
        nonce = secrets.token_urlsafe(32)
        answer: HttpResponse = client.authorize_redirect(request, callback, nonce=nonce)
    except _ERRORS as error:
        raise ProviderError(repr(error)) from error
    return answer


def claims_of(request: HttpRequest) -> dict[str, Any]:
    """Return the proved claims of whom the provider has sent back, userinfo's added.

    Raises ProviderError for any fault: state, code, signature, issuer, audience, nonce, times.
    """
    try:
        client = _client()
        metadata = _metadata(client)
        options = {
            "iss": {"essential": True, "value": settings.OIDC_ISSUER},
            "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
            "sub": {"essential": True},
        }
        token = client.authorize_access_token(
            request, claims_options=options, leeway=LEEWAY_SECONDS
        )
        claims = dict(token.get("userinfo") or {})
        subject = claims.get("sub")
        # At most 255 letters: OpenID Connect Core, section 2.
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or "\0" in subject:
            raise ProviderError("no ID token, or one without a sound subject")
        if settings.OIDC_USE_USERINFO and "userinfo_endpoint" in metadata:
            more = dict(client.userinfo(token=token))
            if more.get("sub") != claims["sub"]:
                raise ProviderError("userinfo is about somebody else")
            claims = {**more, **claims}
    except _ERRORS as error:
        raise ProviderError(repr(error)) from error
    return claims


_ERRORS = (
    AuthlibBaseError,
    JoseError,
    requests.RequestException,
    # What Authlib and its JSON do with an answer of another form than expected.
    AttributeError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
)


def _metadata(client: Any) -> dict[str, Any]:
    """Return the provider's description, once it is known to be the configured provider's."""
    metadata: dict[str, Any] = client.load_server_metadata()
    if metadata.get("issuer") != settings.OIDC_ISSUER:
        forget()
        raise ProviderError(f"issuer is {metadata.get('issuer')!r}")
    offered = metadata.get(_ALGORITHMS_KEY) or ["RS256"]
    metadata[_ALGORITHMS_KEY] = [name for name in offered if name in ALGORITHMS]
    if not metadata[_ALGORITHMS_KEY]:
        forget()
        raise ProviderError(f"no sound signature algorithm in {offered!r}")
    return metadata


def _client() -> Any:
    return _made(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)


@lru_cache(maxsize=8)
def _made(issuer: str, client_id: str, client_secret: str) -> Any:
    """Make the client of a provider; it keeps the provider's description and keys."""
    return OAuth().register(
        _NAME,
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": settings.OIDC_SCOPES,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


def forget() -> None:
    """Ask the provider for its description again."""
    _made.cache_clear()
