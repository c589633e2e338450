# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation shows is run as it stands, with the collection installed from a built tarball."""

import json
import os
import pathlib
import re
import subprocess

import pytest
import warm
import yaml
from installed import ROOT, built, environment, installed
from throwaway_sshd import SSHD, ThrowawaySshd

GUIDES = sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))
PAGES = ("README.md", "CONTRIBUTING.md", "roles/max_sessions/README.md", *GUIDES)
BLOCKS = [
    (page, kind, text)
    for page in PAGES
    for kind, text in re.findall(r"(?ms)^```(\w+)\n(.*?)^```", (ROOT / page).read_text())
]
YAML = [(page, text, yaml.safe_load(text)) for page, kind, text in BLOCKS if kind == "yaml"]
SPECIFICATION = "roles/max_sessions/meta/argument_specs.yml"
PLAYS = [(page, text) for page, text, read in YAML if isinstance(read, list)]
PLAYS.append((SPECIFICATION, yaml.safe_load((ROOT / SPECIFICATION).read_text())["argument_specs"]["main"]["examples"]))
VARIABLES = [(page, read) for page, _text, read in YAML if isinstance(read, dict)]
# Consecutive commands of a page depend on each other.
COMMANDS = {
    page: [line for _page, kind, text in BLOCKS if (_page, kind) == (page, "sh") for line in text.splitlines()]
    for page in PAGES
}
RUN = ("ansible ", "ansible-playbook ", "ansible-doc ")
# A newcomer's steps in a bare container, what others than Ansible do (test_clients.py), and the project's own scripts.
NOT_RUN = ("#", "ansible-galaxy ", "python3 -m venv ", "ssh ", "script/")
MODULES = sorted(path.stem for path in ROOT.glob("plugins/modules/*.py"))
RELOAD = "- {hosts: all, gather_facts: false, tasks: [{multiplex.sshd.reload: {config: %s}}]}"


@pytest.fixture(scope="module")
def collections(tmp_path_factory):
    """The directory that a built tarball was installed into."""
    into = tmp_path_factory.mktemp("installed")
    installed(built(tmp_path_factory.mktemp("built")), into)
    return into


@pytest.fixture
def server():
    with ThrowawaySshd(body="MaxSessions 2\n") as running:
        running.write("sshd_config", f"Include {running.drop_ins}/*.conf\n{running.read()}")
        running.write("inventory", running.inventory("hub").replace("\n", f" max_sessions_config={running.config}\n"))
        yield running


def run(collections, server, *words, **environment_too):
    """Run ``words`` with the installed collection; return their output."""
    more = {"ANSIBLE_INVENTORY": server.path("inventory"), "ANSIBLE_BECOME": "false", **environment_too}
    done = subprocess.run(
        words, env={**environment(collections), **more}, capture_output=True, text=True, check=False, cwd=server.directory
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def play(collections, server, text, *arguments):
    """Run the playbook ``text`` against ``server``; return its output."""
    words = ["-i", server.path("inventory"), server.write("play.yml", text), *arguments]
    # The commands go without it.
    quicker = {**environment(collections), "ANSIBLE_BECOME": "false", "ANSIBLE_PIPELINING": "true"}
    status, printed, said = warm.ansible_playbook(words, quicker, server.directory)
    assert status == 0, printed + said
    return printed


def test_nothing_is_shown_that_no_test_knows():
    assert {kind for _page, kind, _text in BLOCKS} <= {"yaml", "sh", "json", "text"}
    strange = [line for lines in COMMANDS.values() for line in lines if line and not line.startswith((*RUN, *NOT_RUN))]
    assert not strange


@pytest.mark.parametrize(("page", "text"), PLAYS, ids=[yaml.safe_load(text)[0]["name"] for _page, text in PLAYS])
def test_play_does_what_it_says_and_nothing_the_second_time(page, text, collections, server):
    before = server.read()
    # Further plays are for hosts that are not here.
    read, *_more = yaml.safe_load(text)
    if "roles" in read:
        asked = read["roles"][0]["vars"]
    else:
        options = read["tasks"][0]["multiplex.sshd.max_sessions"]
        asked = {f"max_sessions_{name}": value for name, value in options.items()}
        options["config"] = server.config
        text = json.dumps([read, *_more])
    output = play(collections, server, text, "--diff")
    words = pathlib.Path(server.drop_ins, "0-multiplex.conf").read_text() if os.listdir(server.drop_ins) else ""
    wanted = []
    if {"max_sessions_max_sessions", "max_sessions_clone_depth"} & set(asked):
        wanted = [asked.get("max_sessions_max_sessions", asked.get("max_sessions_clone_depth", -1) + 1)]
    wanted += [1 + rule["clone_depth"] for rule in asked.get("max_sessions_rules", ())]
    assert re.findall(r"(?m)^ *MaxSessions (\d+)$", words) == [str(number) for number in wanted], output
    assert server.read() == before
    assert "changed=0" in play(collections, server, text)


@pytest.mark.parametrize(("page", "read"), VARIABLES, ids=[f"{page}-{n}" for n, (page, _read) in enumerate(VARIABLES)])
def test_variables_are_ones_that_something_takes(page, read, collections, server, tmp_path):
    if "collections" in read:
        (entry,) = read["collections"]
        assert entry["type"] == "git" and entry["name"].startswith("git+https://")
        # The form, with an address that can be reached from here.
        entry.update(name=f"git+file://{ROOT}", version="HEAD")
        (tmp_path / "requirements.yml").write_text(yaml.safe_dump(read))
        words = ("ansible-galaxy", "collection", "install", "-r", str(tmp_path / "requirements.yml"), "-p", str(tmp_path))
        run(tmp_path, server, *words)
        assert (tmp_path / "ansible_collections/multiplex/sshd/MANIFEST.json").exists()
        return
    if "sshd_custom_options" in read:
        beside_the_hardening(read["sshd_custom_options"], collections, server)
        return
    assert all(name.startswith("max_sessions_") for name in read)
    run(collections, server, "ansible-playbook", "multiplex.sshd.tune", "-e", json.dumps(read))
    depth = read["max_sessions_clone_depth"]
    assert f"MaxSessions {depth + 1}" in server.read(f"{server.drop_ins}/0-multiplex.conf")


def beside_the_hardening(options, collections, server):
    """Set, set again and take out beside what devsec.hardening makes of ``options``: these lines, then its own."""

    def tune(**variables):
        told = json.dumps({f"max_sessions_{name}": value for name, value in variables.items()})
        return run(collections, server, "ansible-playbook", "multiplex.sshd.tune", "-e", told)

    def in_force(user="root"):
        words = [SSHD, "-T", "-f", server.config, "-C", f"user={user},host=x,addr=203.0.113.7,laddr=203.0.113.1,lport=22"]
        told = subprocess.run(words, check=True, capture_output=True, text=True)
        return int(re.search(r"(?im)^maxsessions (\d+)$", told.stdout)[1])

    lines = "\n".join(options).replace("/etc/ssh/sshd_config.d", server.drop_ins)
    left = f"{lines}\n{server.fixed_lines()}MaxSessions 10\n"
    server.write("sshd_config", left)
    server.write(f"{server.drop_ins}/00-others.conf", "MaxSessions 4\n")
    assert in_force() == 10
    for changed in ("changed=1", "changed=0"):
        assert changed in tune(clone_depth=2, rules=[{"match": "User nobody", "clone_depth": 5}])
        assert (in_force(), in_force("nobody")) == (3, 6)
        assert sorted(os.listdir(server.drop_ins)) == ["0-multiplex.conf", "00-others.conf"] and server.read() == left
    tune(state="absent")
    assert os.listdir(server.drop_ins) == ["00-others.conf"] and server.read() == left and in_force() == 10


@pytest.mark.parametrize("page", [page for page in PAGES if any(line.startswith(RUN) for line in COMMANDS[page])])
def test_commands_run(page, collections, server):
    os.mkdir(server.path("group_vars"))
    for _page, text, _read in YAML:
        name = re.match(r"# (group_vars/\w+\.yml)\n", text)
        if _page == page and name:
            server.write(name[1], text)
    for line in COMMANDS[page]:
        if not line.startswith(RUN):
            continue
        # What the reader fills in; as root already, and with this server's files for those in /etc/ssh.
        words = line.replace("HOST,", "INVENTORY").replace("INVENTORY", server.path("inventory"))
        words = words.replace("HOST", "hub").replace(" -b ", " ")
        modules = re.search(r"-m multiplex\.sshd\.(max_sessions|reload|max_sessions_info)\b", words)
        if modules and "-a " in words:
            words = re.sub(r"-a '?([^']*?)'?( --.*)?$", rf"-a '\1 config={server.config}'\2", words)
        elif modules:
            words += f" -a config={server.config}"
        # The reader has no other inventory than the one that the command names.
        none = {"ANSIBLE_INVENTORY": os.devnull, "ANSIBLE_HOST_PATTERN_MISMATCH": "error"}
        output = run(collections, server, "bash", "-c", words, **none)
        assert "FAILED" not in output, line


def test_commands_in_the_text_name_an_inventory():
    pages = [*(ROOT / page for page in PAGES), *ROOT.glob(".github/ISSUE_TEMPLATE/*")]
    assert [str(path) for path in pages if re.search(r"\bansible (?!-)\S+ -", path.read_text())] == []


@pytest.mark.parametrize("module", MODULES)
def test_module_examples_run(module, collections, server):
    words = ["ansible-doc", "--json", f"multiplex.sshd.{module}"]
    told = json.loads(run(collections, server, *words))
    tasks = yaml.safe_load(told[f"multiplex.sshd.{module}"]["examples"])
    if module == "clone_probe":
        # Those of other accounts and hosts than this one are for the reader to fill in.
        tasks = [task for task in tasks if not {"user", "host"} & set(task.get(f"multiplex.sshd.{module}") or ())]
        server.write("sshd_config", "MaxSessions 6\n" + server.read())
        play(collections, server, RELOAD % server.config)
    for task in tasks:
        for name in ("max_sessions", "max_sessions_info", "reload"):
            if f"multiplex.sshd.{name}" in task:
                task[f"multiplex.sshd.{name}"] = {**(task[f"multiplex.sshd.{name}"] or {}), "config": server.config}
    assert tasks
    play(collections, server, json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
