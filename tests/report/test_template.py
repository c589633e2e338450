# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be seen of the page by reading its templates and its text."""

import base64
import hashlib
import re

import jinja2
import pytest
from jinja2 import nodes
from reports import ROOT

TEMPLATES = ROOT / "playbooks/templates/report"
PAGES = ["max_sessions.html.j2", "host.j2", "words.j2"]


def escaped(node, macros):
    """Say whether ``node`` can print nothing but a literal, what the escape filter returns, or what a macro here does."""
    if isinstance(node, nodes.CondExpr):
        return escaped(node.expr1, macros) and (node.expr2 is None or escaped(node.expr2, macros))
    if isinstance(node, nodes.Call):
        return isinstance(node.node, nodes.Name) and node.node.name in macros
    return isinstance(node, (nodes.TemplateData, nodes.Const)) or (isinstance(node, nodes.Filter) and node.name == "e")


@pytest.mark.parametrize("name", PAGES)
def test_every_value_is_escaped_where_it_is_printed(name):
    # Ansible compiles templates for native types, which leaves out autoescape, its block tag too.
    tree = jinja2.Environment().parse((TEMPLATES / name).read_text())  # noqa: S701 (parsed, never rendered)
    macros = {macro.name for macro in tree.find_all(nodes.Macro)}
    macros |= {imported for one in tree.find_all(nodes.FromImport) for imported in one.names}
    printed = [node for output in tree.find_all(nodes.Output) for node in output.nodes]
    assert len(printed) > 20
    bare = [node for node in printed if not escaped(node, macros)]
    assert not bare, [(node.lineno, node) for node in bare]


def test_the_policy_allows_the_page_s_own_style_and_script_and_nothing_else(few):
    page = few.text("html")
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    hashes = {}
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        hashes[tag] = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'"
    ), "page.css or page.js was changed: put the hashes into max_sessions.html.j2"
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_nothing_is_fetched_and_no_moment_is_the_run_s(few):
    page = few.text("html")
    assert re.findall(r"https?:|url\(|@import|src=", page) == []
    squares = {f"#host-{n}" for n in range(4)}
    assert set(re.findall(r'href="([^"]*)"', page)) == squares | {"max_sessions.csv", "max_sessions.json"}
