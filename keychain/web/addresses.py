"""The caller's address: the connection's own, unless a trusted proxy says for whom it speaks."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from keychain.settings import Network


def caller(connected: str, forwarded_for: str, trusted: Collection[Network]) -> str:
    """The address that a request comes from.

    ``connected`` is the connection's address, ``forwarded_for`` the whole X-Forwarded-For. It is read from the right,
    the end that proxies write, and only as far as each hop is trusted: what stands further left is the caller's own
    invention. An entry that is no address ends the reading at the hop that reported it.
    """
    at = connected
    for hop in [""] * (not forwarded_for) or reversed(forwarded_for.split(",")):
        if not _is_trusted(at, trusted):
            break
        try:
            at = str(ip_address(hop.strip()))
        except ValueError:
            break
    return at


def bucket(address: str) -> str:
    """What shares one rate limit: an IPv4 address, or the /64 that one IPv6 subscriber has to himself."""
    try:
        parsed = _unmapped(ip_address(address))
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def _is_trusted(address: str, trusted: Collection[Network]) -> bool:
    try:
        parsed = _unmapped(ip_address(address))
    except ValueError:
        return False
    return any(parsed in network for network in trusted)


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 caller of a socket for both arrives as ::ffff:a.b.c.d."""
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
