# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx's settings for the site that script/docs builds, from the pages as they lie in the checkout."""

import re

from docutils import nodes

project = "multiplex.sshd"
author = "multiplex.sshd contributors"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
root_doc = "docs/index"
html_theme = "furo"
html_title = "multiplex.sshd"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
nitpicky = True
nitpick_ignore = [("envvar", "PATH")]
myst_heading_anchors = 3

# What the reference links to in Ansible's own documentation; a build fetches nothing.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
ELSEWHERE = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


def setup(app):
    app.connect("source-read", add_contents)
    app.connect("source-read", fit_reference)
    app.connect("missing-reference", link_to_ansible)


def add_contents(_app, name, source):
    """Make the navigation from the first page's own lists of links."""
    if name == "docs/reference":  # antsibull-docs's pages lie below it
        source[0] += "\n```{toctree}\n:maxdepth: 2\n:titlesonly:\n:includehidden:\n\nreference/index\n```\n"
    if name != root_doc:
        return
    for part in source[0].split("\n## ")[1:]:
        pages = "\n".join(f"{title} <{page}>" for title, page in re.findall(r"\[([^]]+)\]\(([^)]+)\.(?:md|rst)\)", part))
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {part.splitlines()[0]}\n\n{pages}\n```\n"


def fit_reference(_app, name, source):
    """Take out of antsibull-docs's pages what the theme has already, and what isn't so: the way to install it."""
    if name.startswith("docs/reference/"):
        source[0] = re.sub(r"\.\. contents::\n( +:.*\n)+", "", source[0])
        source[0] = re.sub(r" +To install it, use: .*\n( +You need further.*\n.*\n)?", "", source[0])
        source[0] = re.sub(r"`(multiplex\.sshd collection) <https://galaxy[^>]*>`_", r"\1", source[0])


def link_to_ansible(_app, _env, node, content):
    """Resolve a label that is Ansible's own."""
    label = node["reftarget"]
    page = ELSEWHERE.get(label)
    if label.startswith("ansible_collections.ansible.builtin."):
        page = f"collections/ansible/builtin/{label.rpartition('.')[2]}.html"
    return page and nodes.reference("", "", content, refuri=ANSIBLE + page, internal=False)
