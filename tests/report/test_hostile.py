# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that a host says becomes markup, a formula or a template, whichever field it stands in."""

import csv
import html.parser
import io
import json

import pytest
from fleet import BLIND, OTHERWISE, REFUSING, UNREACHABLE
from reports import Reports

# Each stands in each field of a host.
PAYLOADS = [
    "<script>document.title='taken'</script>",
    "\"'><img src=x onerror=alert(1)>&amp;",
    "</style></script></title></pre><h1>",
    "<!-- {# {{ 7 * 191 }} {% raw %} #} -->",
    '=HYPERLINK("https://192.0.2.1","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)*cmd",
    "\t=1+1",
    '\r\n=1+1,"x',
    "\u2028\uff1d1+1",
    "[1, 2]",
    "{'a': 1}",
    "javascript:alert(1)",
    "\u202e\x1b[31m\x7f",
]
ENUMERATED = {"name", "ends", "certainty"}
# What no name in an inventory could be, but a host may answer.
NO_TEXT = "\ud800\x00"


def filled(value, text, key=None):
    """Return ``value`` with ``text`` in place of each string but those that the module takes from a list of its own."""
    if isinstance(value, dict):
        return {name: filled(each, text, name) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, text, key) for each in value]
    if isinstance(value, str) and key not in ENUMERATED:
        return text
    return value


def facts(texts, suffix=NO_TEXT):
    """Return facts of hosts that say ``texts``: for each one that answers all and one that can't be reached."""
    kinds = {"answer": REFUSING, "gone": UNREACHABLE}
    given = {"files": filled(OTHERWISE, texts[0] + suffix), "blind": filled(BLIND, texts[0] + suffix)}
    for number, text in enumerate(texts):
        for kind, answer in kinds.items():
            given[f"{text}{number}{kind}"] = filled(answer, text + suffix)
    return given


class Skeleton(html.parser.HTMLParser):
    """The elements of a page with the names of their attributes, and the values of those that a browser acts on."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "wbr":  # at each dot of a host's name
            return
        acts = {name: value for name, value in attrs if name in ("href", "src", "class", "content", "type")}
        if acts.get("href", "").startswith("#host-"):  # in the order of their names
            acts["href"] = "#host"
        self.elements.append((tag, [name for name, _value in attrs], acts))

    def handle_comment(self, data):
        self.elements.append(("comment", data))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return Reports(tmp_path_factory.mktemp("hostile")).run(facts(PAYLOADS))


def test_markup_stays_text(hostile, tmp_path):
    harmless = Reports(tmp_path).run(facts(["harmless"] * len(PAYLOADS), suffix=""))
    assert Skeleton(hostile.text("html")).elements == Skeleton(harmless.text("html")).elements


def test_templates_are_not_rendered_again(hostile):
    assert "1337" not in hostile.text("html") and "{{ 7 * 191 }}" in hostile.text("html")
    assert "{{ 7 * 191 }}" in hostile.text("csv")


def test_no_cell_is_a_formula(hostile):
    lines = list(csv.reader(io.StringIO(hostile.text("csv"), newline=""), strict=True))
    assert len(lines) == 1 + 2 + 2 * len(PAYLOADS) == hostile.text("csv").count("\n")
    assert {len(line) for line in lines} == {len(lines[0])}
    for cell in (cell for line in lines for cell in line):
        assert not cell.lstrip().startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20")), cell
        assert not any(ord(character) < 32 for character in cell), cell


def test_json_has_every_character(hostile):
    told = {host["host"]: host for host in json.loads(hostile.text("json"))["hosts"]}
    for host, answer in facts(PAYLOADS).items():
        if isinstance(answer, str):
            assert told[host]["error"] == answer.strip()  # Ansible strips it
        else:
            assert told[host]["facts"] == {name: value for name, value in answer.items() if name != "changed"}
