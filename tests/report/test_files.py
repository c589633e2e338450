# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook leaves on the controller, and what it leaves alone."""

import csv
import io
import json
import shutil

import pytest
from fleet import FEW, SAMPLES, calm


def rows(run):
    """Return the CSV's lines as ``{host: {column: text}}``, in their order."""
    return {row["host"]: row for row in csv.DictReader(io.StringIO(run.text("csv"), newline=""), strict=True)}


def states(run):
    return {host["host"]: host["state"] for host in json.loads(run.text("json"))["hosts"]}


def test_hosts_that_need_somebody_come_first_and_nobody_is_left_out(few):
    assert few.status == 0
    expected = {
        "db1.example.org": "refused", "build.example.org": "other",
        "gone.example.org": "silent", "old.example.org": "unknown",
    }  # fmt: skip
    assert list(states(few).items()) == list(expected.items())
    assert {host: row["state"] for host, row in rows(few).items()} == expected
    places = [few.text("html").index(f'data-v="{host}"') for host in expected]
    assert places == sorted(places)


def test_json_holds_what_the_module_said(few):
    told = {host["host"]: host for host in json.loads(few.text("json"))["hosts"]}
    for host, facts in SAMPLES.items():
        assert told[host]["facts"] == {name: value for name, value in facts.items() if name != "changed"}
    assert "No route to host" in told["gone.example.org"]["error"]


def test_csv_tells_unknown_from_zero(few):
    told = rows(few)
    assert told["build.example.org"]["refused"] == "0"
    assert told["old.example.org"]["refused"] == ""
    assert told["db1.example.org"]["refused_whom"] == "alice from 203.0.113.7: 9; bob: 3"
    assert told["db1.example.org"]["differs"] == "Group sftponly: 1 (/etc/ssh/sshd_config:90); upload from 192.0.2.1: 1"
    assert told["gone.example.org"]["notes"].startswith("Failed to connect")
    assert told["gone.example.org"]["max_sessions"] == ""


def test_at_the_limit_by_the_log_or_else_by_what_is_open(reports):
    facts = {}
    for host, most, now in [("log", 10, 1), ("below", 9, 1), ("now", None, 10), ("little", None, 1), ("nobody", None, 0)]:
        facts[host] = calm(most or 1)
        facts[host]["connections"] = facts[host]["connections"][:now]
        for connection in facts[host]["connections"]:
            connection["sessions"] = now
        if most is None:
            facts[host]["usage"] = None
    run = reports.run(facts)
    assert states(run) == {"log": "full", "now": "full", "below": "enough", "little": "enough", "nobody": "enough"}
    assert rows(run)["nobody"]["most_open_now"] == "0" and "0 of 10 <small>open now" in run.text("html")


def test_who_has_a_limit_of_their_own_is_not_at_everyones(reports):
    facts = {host: calm(2) for host in ("dba", "dba-full", "now", "now-full")}
    for host, most in [("dba", 40), ("dba-full", 50)]:
        usage = facts[host]["usage"]
        usage.update(most=most)
        usage["by_user"].insert(0, dict(usage["by_user"][0], user="dba", most=most, max_sessions=50))
    for host, now in [("now", 40), ("now-full", 50)]:
        facts[host]["usage"] = None
        facts[host]["connections"][0].update(sessions=now, max_sessions=50)
    run = reports.run(facts)
    assert states(run) == {"dba": "enough", "now": "enough", "dba-full": "full", "now-full": "full"}
    assert " 2 of 10<" in run.text("html").replace("\n", "") and "40 of 10" not in run.text("html")
    assert rows(run)["dba"]["most"] == "40" and rows(run)["now"]["most_open_now"] == "40"


def test_a_limit_that_is_not_known_is_not_told(reports):
    facts = calm(3)
    facts["connections"][0]["max_sessions"] = None
    assert "None" not in reports.run({"one": facts}).text("html")


def test_the_same_facts_give_the_same_bytes(reports):
    first = reports.run(FEW)
    octets = first.octets()
    second = reports.run(FEW)
    assert (first.changed(), second.changed()) == (1, 0)
    assert second.octets() == octets
    assert {path.stat().st_mode & 0o777 for path in second.directory.iterdir()} == {0o600}


def test_check_mode_shows_and_writes_nothing(reports):
    run = reports.run({"one": calm(3)}, "--check", "--diff")
    assert run.changed() == 1 and run.octets() == {}
    assert '+"one","enough","10"' in run.output and "+<h1>" in run.output


def test_no_strategy_writes_a_page_before_all_have_answered(reports):
    facts = {f"h{n}": calm(1) for n in range(9)}
    run = reports.run(facts, "--limit", "!h3", ANSIBLE_STRATEGY="host_pinned", ANSIBLE_FORKS="2")
    assert list(states(run)) == [f"h{n}" for n in range(9) if n != 3] and run.changed() == 1


def test_what_is_set_for_the_fleet_is_not_about_the_controller(reports):
    fleets = {
        "ansible_connection": "ssh",
        "ansible_host": "192.0.2.1",
        "ansible_user": "nobody",
        "ansible_become": True,
        "ansible_become_method": "su",
        "ansible_python_interpreter": "/nowhere/python",
    }
    run = reports.run({"one": calm(1), "localhost": calm(1)}, variables=fleets)
    assert run.status == 0 and len(states(run)) == 2


def test_a_host_that_failed_stands_there_with_its_reason(reports):
    facts = {"one": calm(1), "two": {"failed": True, "msg": "Missing sudo password"}, "three": "Connection timed out"}
    run = reports.run(facts)
    assert states(run) == {"three": "silent", "two": "silent", "one": "enough"}
    assert run.status == 0 and rows(run)["two"]["notes"] == "Missing sudo password"
    assert "Missing sudo password" in run.text("html")


def broken(path, value):
    """Return facts with the ``value`` in the place of what stands at ``path``."""
    *way, last = path
    facts = part = calm(1)
    for key in way:
        part = part[key]
    part[last] = value
    return facts


def places(facts, path=()):
    """Yield the path of each dict in ``facts``, of those in a list the first one's."""
    yield path
    for key, value in facts.items():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict):
            yield from places(first, (*path, key) if first is value else (*path, key, 0))


@pytest.mark.exhaustive
@pytest.mark.parametrize("value", [5, None, "x", [], {}, [None], [{}]], ids=str)
def test_a_host_that_answers_anything_costs_nobody_the_report(reports, value):
    given = {"nothing": {"changed": False}, "one": calm(1)}
    for path in places(calm(1)):
        part = calm(1)
        for key in path:
            part = part[key]
        for key in part:
            given[".".join(map(str, (*path, key)))] = broken((*path, key), value)
    run = reports.run(given)
    assert run.status == 0
    assert len(states(run)) == len(given) and states(run)["one"] == "enough"
    assert states(run)["nothing"] == "silent" and (value != 5 or states(run)["limits"] == "silent")
    assert rows(run)["nothing"]["notes"] == "Its answer is none that this report can read."


def test_when_nobody_answers_the_page_says_so(reports):
    run = reports.run({"one": "Connection timed out", "two": "Connection timed out"})
    assert run.status == 0 and set(states(run).values()) == {"silent"}
    assert "0 sessions" not in run.text("html")
    assert "No host answered" in run.text("html")


def test_where_and_how_to_write_can_be_chosen(reports, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    choice = f"report_directory={elsewhere} report_mode=0644"
    run = reports.run({"one": calm(1)}, "-e", choice)
    assert run.status != 0 and str(elsewhere) in run.output, "a directory that isn't there has to be named"
    elsewhere.mkdir()
    run = reports.run({"one": calm(1)}, "-e", choice)
    assert run.octets() == {}
    assert {path.name: path.stat().st_mode & 0o777 for path in elsewhere.iterdir()} == {
        f"max_sessions.{kind}": 0o644 for kind in ("html", "csv", "json")
    }


@pytest.mark.parametrize("directory", ["a b", "./a b/", "{}/a b", "~/a b"])
def test_a_directory_is_found_from_the_current_one(reports, directory):
    home = reports.directory / "report"
    (home / "a b").mkdir(parents=True, exist_ok=True)
    choice = json.dumps({"report_directory": directory.format(home)})
    run = reports.run({"one": calm(1)}, "-e", choice, HOME=str(home))
    assert run.status == 0
    assert sorted(path.name for path in (home / "a b").iterdir()) == [
        f"max_sessions.{one}" for one in ("csv", "html", "json")
    ]
    shutil.rmtree(home / "a b")


@pytest.mark.parametrize("said", ["", "/nowhere"])
def test_the_current_directory_is_where_ansible_runs_whatever_the_environment_says(reports, said):
    run = reports.run({"one": calm(1)}, PWD=said)
    assert run.status == 0 and len(run.octets()) == 3


def test_lists_that_are_long_are_cut_on_the_page_and_whole_in_json(reports):
    facts = calm(3)
    facts["usage"]["by_user"] = [dict(facts["usage"]["by_user"][0], user=f"u{n}") for n in range(40)]
    run = reports.run({"one": facts})
    assert ">u11<" in run.text("html") and ">u12<" not in run.text("html") and "and 28 more" in run.text("html")
    assert '"u39"' in run.text("json")
