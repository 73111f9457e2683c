"""One signed message to one address, which is looked at before anybody connects to it."""

from __future__ import annotations

import ipaddress
import socket
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _
from standardwebhooks import Webhook as Signer

from zhike.errors import UserError

SECONDS_TO_CONNECT, SECONDS_TO_ANSWER = 5.0, 10.0
LONGEST_URL = 500
# Addresses that carry an IPv4 address inside: a way round the look at it.
EMBEDDING = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


class UnfitAddress(UserError):
    """A webhook's address that is not called."""


def check_url(url: str) -> SplitResult:
    """The parts of an address that a webhook may have. Raises UnfitAddress."""
    try:
        parts = urlsplit(url)
        is_fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        is_fit = None
    if not is_fit or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise UnfitAddress(
            _("a webhook cannot have this address"),
            where="url",
            advice=_("Use http:// or https://, a name, and no password; at most %(length)s characters.")
            % {"length": LONGEST_URL},
        )
    try:
        address = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return parts  # a name: what it stands for is looked at whenever it is called
    _check_address(address)
    return parts


def send(*, url: str, message_id: str, body: str, secret: str, at: datetime) -> int:
    """The status that the receiver answers a signed message with.

    Raises UnfitAddress, OSError where the name cannot be resolved, and httpx.HTTPError.
    """
    parts = check_url(url)
    address = _resolved(parts)
    headers = {
        "host": parts.netloc,
        "content-type": "application/json",
        "user-agent": "Zhike",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signer(secret).sign(msg_id=message_id, timestamp=at, data=body),
    }
    timeout = httpx.Timeout(SECONDS_TO_ANSWER, connect=SECONDS_TO_CONNECT)
    # Connected to by the address that was looked at: a second resolution might give another.
    target = httpx.URL(url).copy_with(host=address)
    with (
        httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST", target, content=body.encode(), headers=headers, extensions={"sni_hostname": parts.hostname}
        ) as answer,
    ):
        return answer.status_code  # its body is not read, so it may be as long as it likes


def _resolved(parts: SplitResult) -> str:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    for address in addresses:
        _check_address(address)
    return str(addresses[0])


def _check_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if settings.ZHIKE.webhook_private_addresses:
        return
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if not address.is_global or address.is_multicast or any(address in network for network in EMBEDDING):
        raise UnfitAddress(
            _("the address lies in a private network"),
            where="url",
            advice=_("Set ZHIKE_WEBHOOK_PRIVATE_ADDRESSES=yes where that is meant."),
        )
