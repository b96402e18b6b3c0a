from __future__ import annotations

import pytest
from django.test import RequestFactory

from roomtone_site.limits.addresses import client_address


def address(remote, forwarded=None):
    extra = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **extra))


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unknown", ""),
    ],
)
def test_addresses_as_servers_write_them(remote, expected):
    assert address(remote) == expected


def test_without_a_proxy_nobody_can_say_where_they_come_from(settings):
    settings.BEHIND_PROXY = False
    assert address("203.0.113.7", "198.51.100.1") == "203.0.113.7"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("192.0.2.66, 192.0.2.67,198.51.100.1", "198.51.100.1"),
        ("192.0.2.66, 2001:db8::5", "2001:db8::/64"),
        ("192.0.2.66, nonsense", "10.0.0.2"),
        ("", "10.0.0.2"),
        (None, "10.0.0.2"),
    ],
)
def test_behind_a_proxy_what_it_added_counts_and_not_what_it_was_sent(
    settings, forwarded, expected
):
    settings.BEHIND_PROXY = True
    assert address("10.0.0.2", forwarded) == expected
