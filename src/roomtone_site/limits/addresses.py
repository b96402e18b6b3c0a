"""From where a request comes."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

_IPV6_OF_ONE_HOUSE = 64


def client_address(request: HttpRequest) -> str:
    """Find the address that a request comes from, IPv6 by the network of one house.

    Behind a proxy it is the last of ``X-Forwarded-For``, which the proxy itself put there; those
    before it, and all of the header without a proxy, are what anybody likes to write.

    Parameters
    ----------
    request : HttpRequest
        A request.

    Returns
    -------
    str
        Empty where it is not known, as on a socket of Unix.
    """
    if settings.BEHIND_PROXY:
        forwarded = _parsed(request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2])
        if forwarded:
            return forwarded
    return _parsed(request.META.get("REMOTE_ADDR", ""))


def _parsed(text: str) -> str:
    text = text.strip()
    if text.startswith("["):  # [IPv6]:port
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # IPv4:port
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), _IPV6_OF_ONE_HOUSE), strict=False))
    return str(address)
