"""One way to the web for the controller: proxies and certificates as the environment says, and errors in words.

requests reads HTTPS_PROXY, HTTP_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE itself.
"""

from __future__ import annotations

import requests

CONNECT_SECONDS, SILENT_SECONDS = 20, 60
TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})  # answers of a server or a way to it that may be better soon
AGENT = "winbake"


def get(url: str, fields: dict[str, str] | None = None, *, stream: bool = False) -> requests.Response:
    """One request, redirects followed. Raises requests.RequestException; an HTTP error is an answer."""
    headers = {"User-Agent": AGENT, **(fields or {})}
    return requests.get(url, headers=headers, stream=stream, timeout=(CONNECT_SECONDS, SILENT_SECONDS))


def is_transient(error: requests.RequestException) -> bool:
    """Whether the same request may work in a moment. A refusal by name, by a proxy or by TLS will not."""
    if error.response is not None:
        return error.response.status_code in TRANSIENT
    if isinstance(error, requests.exceptions.ProxyError | requests.exceptions.SSLError):
        return False
    return isinstance(
        error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError
    )


def in_words(error: requests.RequestException) -> tuple[str, str]:
    """(what happened, what to do) of a request that failed."""
    again = "run it again"
    if error.response is not None:
        status = error.response.status_code
        if status == 407:
            return _proxy_refused()
        return f"HTTP {status} {error.response.reason}", "look at the address in a browser" if status < 500 else again
    text = str(error)
    if isinstance(error, requests.exceptions.ProxyError):
        if "407" in text:
            return _proxy_refused()
        return "the proxy cannot be reached", "see HTTPS_PROXY, HTTP_PROXY and NO_PROXY in the environment"
    if isinstance(error, requests.exceptions.SSLError):
        return (
            "the server's certificate is not trusted here; a proxy or virus scanner may open the connection",
            "set REQUESTS_CA_BUNDLE to a PEM file that holds the certificate of your organisation's authority",
        )
    if isinstance(error, requests.Timeout):
        return f"nothing came for {SILENT_SECONDS} s", again
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or "IncompleteRead" in text:
        return "the connection was cut", again
    if isinstance(error, requests.ConnectionError):
        return "no connection (name, network or proxy)", "see whether a browser on this machine gets there"
    return text, again


def _proxy_refused() -> tuple[str, str]:
    return (
        "the proxy wants a login (HTTP 407)",
        "give it in HTTPS_PROXY as http://USER:PASSWORD@proxy:port, or ask for an address that needs none",
    )
