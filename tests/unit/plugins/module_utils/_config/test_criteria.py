# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Match criteria are told apart as sshd does."""

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config.criteria import (
    criteria,
    match_address,
    match_host,
    match_pattern,
    match_pattern_list,
    match_port,
    network,
    numeric_address,
)

CRITERIA = [
    ("User alice", [("user", ["alice"])]),
    ("USER alice,bob", [("user", ["alice", "bob"])]),
    ("User=alice Address=10.*", [("user", ["alice"]), ("address", ["10.*"])]),
    ('User "alice,bob"', [("user", ["alice", "bob"])]),
    ("Group dba  LocalPort\t22", [("group", ["dba"]), ("localport", ["22"])]),
    ("all", [("all", [])]),
    ("All", [("all", [])]),
    ("User a Invalid-User", [("user", ["a"]), ("invalid-user", [])]),
    ("User *,!root", [("user", ["*", "!root"])]),
]


@pytest.mark.parametrize(("text", "expected"), CRITERIA)
def test_criteria_are_read_in_order(text, expected):
    assert criteria(text) == expected


PATTERNS = [
    ("alice", "alice", True),
    ("alice", "Alice", False),
    ("alice", "alic", False),
    ("alice", "alicee", False),
    ("alice", "*", True),
    ("", "*", True),
    ("", "", True),
    ("a", "", False),
    ("", "?", False),
    ("a", "?", True),
    ("ab", "?", False),
    ("alice", "a*", True),
    ("alice", "*e", True),
    ("alice", "*i*", True),
    ("alice", "a*c", False),
    ("alice", "a?ice", True),
    ("alice", "a??ice", False),
    ("alice", "**e", True),
    ("alice", "a*e*", True),
    ("aXbXb", "a*b", True),
    ("alice", "*x*", False),
    ("a*", "a*", True),
    ("a?", "a?", True),
    ("aab", "a*ab", True),
]


@pytest.mark.parametrize(("value", "pattern", "meant"), PATTERNS)
def test_a_pattern_means_a_value_as_a_whole(value, pattern, meant):
    assert match_pattern(value, pattern) is meant


LISTS = [
    ("alice", ["alice"], True),
    ("alice", ["bob", "alice"], True),
    ("alice", ["bob"], False),
    ("alice", ["*", "!alice"], False),
    ("alice", ["!alice", "*"], False),
    ("bob", ["*", "!alice"], True),
    ("bob", ["!alice"], False),
    ("alice", [], False),
    ("alice", ["a*", "!b*", "!al*"], False),
    ("alice", ["alice", "x" * 1022], True),
    ("alice", ["alice", "x" * 1023], False),
    ("alice", ["alice", "!" + "x" * 1022], True),
    ("alice", ["alice", "!" + "x" * 1023], False),
    ("alice", ["alice", "\u00e9" * 512], False),
]


@pytest.mark.parametrize(("value", "patterns", "meant"), LISTS)
def test_a_pattern_list_needs_one_that_means_the_value_and_none_negated_that_does(value, patterns, meant):
    assert match_pattern_list(value, patterns, match_pattern) is meant


ADDRESSES = [
    ("10.1.2.3", "10.1.2.3", True),
    ("10.1.2.3", "10.*", True),
    ("10.1.2.3", "11.*", False),
    ("10.1.2.3", "10.0.0.0/8", True),
    ("11.1.2.3", "10.0.0.0/8", False),
    ("10.1.2.3", "10.1.2.3/32", True),
    ("10.1.2.2", "10.1.2.3/32", False),
    ("10.1.2.2", "10.1.2.3/31", True),
    ("10.1.2.4", "10.1.2.3/31", False),
    ("192.0.2.1", "0.0.0.0/0", True),
    ("2001:db8::5", "2001:db8::/32", True),
    ("2001:db9::5", "2001:db8::/32", False),
    ("2001:db8::5", "2001:db8::5/128", True),
    ("2001:db8::4", "2001:db8::5/128", False),
    ("10.1.2.3", "::/0", False),
    ("::1", "0.0.0.0/0", False),
    ("10.1.2.3", "ten/8", False),
    ("client", "10.0.0.0/8", False),
    ("10.1.2.3", "10.0.0.0/33", False),
    ("10.1.2.3", "10.0.0.0/255.0.0.0", False),
    ("10.1.2.3", "10.0.0.0/", False),
    ("10.1.2.3", "10.1.2.3/+32", True),
]


@pytest.mark.parametrize(("address", "pattern", "meant"), ADDRESSES)
def test_a_network_means_the_addresses_in_it(address, pattern, meant):
    assert match_address(address, pattern) is meant


NUMBERS = [
    ("0.0.0.1", (32, 1)),
    ("10.0.0.0", (32, 10 << 24)),
    ("::1", (128, 1)),
    ("1::", (128, 1 << 112)),
    ("10.0.0", None),
    ("example.com", None),
    ("", None),
    ("10.0.0.1\0", None),
]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_an_address_is_a_number_and_its_length(text, number):
    assert numeric_address(text) == number


NETWORKS = [
    ("10.0.0.0/8", (32, 10 << 24, 8)),
    ("10.0.0.1", (32, (10 << 24) + 1, 32)),
    ("::1", (128, 1, 128)),
    ("2001:db8::/128", (128, 0x20010DB8 << 96, 128)),
    ("0.0.0.0/0", (32, 0, 0)),
    ("10.0.0.0/33", (0, 0, 0)),
    ("10.0.0.0/x", (0, 0, 0)),
    ("10.*", (0, 0, 0)),
]


@pytest.mark.parametrize(("pattern", "expected"), NETWORKS)
def test_a_network_is_a_number_and_two_lengths(pattern, expected):
    assert network(pattern) == expected


def test_a_host_is_meant_in_any_case():
    assert match_host("W.example.com", "*.EXAMPLE.com")
    assert not match_host("example.com", "*.example.com")


PORTS = [
    ("22", "22", True),
    ("22", "+022", True),
    ("22", "2222", False),
    ("22", "2*", False),
    ("22", "", False),
    ("22", "22x", False),
]


@pytest.mark.parametrize(("port", "pattern", "meant"), PORTS)
def test_a_port_is_a_number(port, pattern, meant):
    assert match_port(port, pattern) is meant
