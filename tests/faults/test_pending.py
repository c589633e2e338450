# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that nobody confirms undoes itself, whatever becomes of those who made it."""

import json
import os
import shlex
import shutil
import subprocess

import pytest
from host import DROP_IN, Host


@pytest.fixture(params=["drop_in", "main"])
def host(request):
    with Host(request.param) as running:
        yield running


def test_the_host_reverts_by_itself_with_the_temporary_directory_gone(host):
    old = host.files()
    result = host.run(clone_depth=5, confirm_within=6)
    assert result["pending"]["who"] and result["effective"] == {"before": 2, "after": 6}
    assert not host.run("reload").get("failed")
    shutil.rmtree(host.path("tmp"))
    assert host.files() != old
    assert host.eventually(lambda: host.files() == old and not host.leftovers())
    assert host.valid() and host.answers()


def test_the_watchdog_of_a_settled_change_leaves_the_next_one_alone(host):
    host.run(clone_depth=5, confirm_within=1)
    first = set(host.watchdogs())
    host.run(state="reverted")
    result = host.run(clone_depth=7, confirm_within=600)
    assert result["changed"], result
    assert host.eventually(lambda: not first & set(host.watchdogs()))
    assert host.run(state="reverted")["changed"]


def test_confirmed_it_stays(host):
    host.run(clone_depth=5, confirm_within=6)
    new = host.files()
    assert host.run(state="confirmed", clone_depth=5)["changed"]
    # The watchdog's own process ends when it finds nothing pending: then it can't have undone anything.
    assert host.eventually(lambda: not host.watchdogs())
    assert host.files() == new
    assert not host.run(state="confirmed", clone_depth=5)["changed"]


def test_a_plain_command_confirms_this_change_and_no_other(host):
    confirm = host.run(clone_depth=5, confirm_within=600)["pending"]["confirm"]
    new, script = host.files(), host.write("tmp/confirm", host.read(confirm[-1]))
    kept = host.write("tmp/code.zip", "")
    shutil.copy(os.path.dirname(confirm[-1]) + "/code.zip", kept)
    done = subprocess.run(confirm, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.endswith("is confirmed\n"), done
    assert host.files() == new and host.run(state="absent")["changed"]
    # Another change is pending then: what was kept of the first one's script doesn't confirm it.
    host.run(clone_depth=7, confirm_within=600)
    host.write("tmp/confirm", host.read(script).replace(os.path.dirname(confirm[-1]) + "/code.zip", kept))
    done = subprocess.run([*confirm[:-1], script], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Nothing was confirmed" in done.stderr, done
    assert host.run(state="reverted")["changed"]


def test_a_plain_command_that_comes_too_late_fails(host):
    confirm = host.run(clone_depth=5, confirm_within=600)["pending"]["confirm"]
    host.end_watchdogs()
    record = host.path(".sshd_config.pending/record.json")
    told = json.loads(host.read(record))
    host.write(record, json.dumps({**told, "deadline": told["deadline"] - 601}))
    done = subprocess.run(confirm, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "time was up" in done.stderr, done
    assert host.run(state="reverted")["changed"]


def test_reverted_at_once(host):
    old = host.files()
    host.run(clone_depth=5, confirm_within=600)
    host.run("reload")
    result = host.run(state="reverted")
    assert result["changed"] and result["effective"]["after"] == 2 and not result["reload_needed"]
    assert host.files() == old and not host.leftovers() and host.answers()
    assert not host.run(state="reverted")["changed"]


LATE = [
    {"clone_depth": 5},
    {"clone_depth": 5, "policy": "at_least"},
    {"rules": [{"match": "User bob", "clone_depth": 5}]},
]


@pytest.mark.parametrize("asked", LATE)
def test_too_late_to_confirm_is_a_failure(host, asked):
    assert host.run(confirm_within=1, **asked)["changed"]
    assert host.eventually(lambda: not host.leftovers())
    result = host.run(state="confirmed", **asked)
    assert result["failed"] and "not there to be confirmed" in result["msg"], result


@pytest.mark.parametrize("asked", LATE)
def test_what_somebody_took_out_meanwhile_is_not_confirmed(host, asked):
    bare, drop_ins = host.read(), set(os.listdir(host.drop_ins))
    assert host.run(confirm_within=600, **asked)["pending"]
    # As a template does that knows nothing of it.
    host.write("sshd_config", bare)
    for name in set(os.listdir(host.drop_ins)) - drop_ins:
        host.write(f"sshd_config.d/{name}", "")
    for check_mode in True, False:
        result = host.run(state="confirmed", _ansible_check_mode=check_mode, **asked)
        assert result["failed"] and "not there to be confirmed" in result["msg"], result
        assert "something else changed it" in result["msg"] and "'reverted'" in result["msg"]
    assert os.path.isdir(host.path(".sshd_config.pending"))
    assert host.run(state="reverted")["changed"] and not host.leftovers()


def test_what_sshd_rejects_by_now_is_not_confirmed(host):
    old = host.files()
    host.run(clone_depth=5, confirm_within=600)
    pending = host.files()
    broken = host.read() + "Fnord\n"
    host.write("sshd_config", broken)
    result = host.run(state="confirmed", clone_depth=5)
    assert result["failed"] and "the configuration is broken as it stands" in result["msg"]
    assert host.read() == broken and not host.run(state="confirmed").get("changed")
    host.write("sshd_config", broken.replace("Fnord\n", ""))
    assert host.files() == pending
    assert host.run(state="reverted")["changed"] and host.files() == old


def test_a_failure_behind_what_was_reverted_says_both(host):
    old = host.files()
    host.run(clone_depth=5, confirm_within=600)
    host.write("sshd_config", f"{host.read()}Include '/nowhere'\n")
    older = host.sshd("[ $1 != -V ] || { echo 'OpenSSH_8.6p1, OpenSSL' >&2; exit 0; }")
    result = host.run(state="reverted", sshd=older)
    assert result["failed"] and result["changed"]
    assert " was undone" in result["msg"] and "; and now: " in result["msg"] and "to OpenSSH up to 8.6" in result["msg"]
    assert list(host.files()) == list(old)


def test_a_relative_path_is_reverted_too(host):
    old = host.files()
    words = host.words(clone_depth=5, confirm_within=2, config="sshd_config")
    environment = host.environment(PYTHONPATH=os.path.abspath(".cache/collections"))
    done = subprocess.run(words, cwd=host.folder, env=environment, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["changed"], done
    assert host.eventually(lambda: host.files() == old and not host.leftovers())


@pytest.mark.parametrize("seconds", [-1, 604801, 10**18])
def test_no_time_to_confirm_and_more_than_a_week_are_refused(host, seconds):
    before = host.standing()
    result = host.run(clone_depth=5, confirm_within=seconds)
    assert result["failed"] and "give seconds from 1 to 604800" in result["msg"], result
    assert host.standing() == before


@pytest.mark.parametrize("options", [{"clone_depth": 7}, {"clone_depth": 5}])
def test_check_mode_refuses_what_a_pending_change_makes_the_run_refuse(host, options):
    host.run(clone_depth=5, confirm_within=600)
    before = host.standing()
    said = {host.run(_ansible_check_mode=mode, **options)["msg"] for mode in (True, False)}
    assert len(said) == 1 and "a change that" in said.pop()
    assert host.standing() == before


def test_check_mode_tells_what_would_be_undone_first(host):
    host.run(clone_depth=5, confirm_within=600)
    host.end_watchdogs()
    record = host.path(".sshd_config.pending/record.json")
    host.write(record, json.dumps({**json.loads(host.read(record)), "boot": "another"}))
    before = host.standing()
    result = host.run(_ansible_check_mode=True, clone_depth=5)
    assert result["changed"] and "would be undone first" in str(result["warnings"]), result
    assert host.standing() == before


def test_another_change_and_another_user_have_to_wait(host):
    host.run(clone_depth=5, confirm_within=600)
    files = host.files()
    other = {"SUDO_USER": "somebody-else"}
    for refused in (
        host.run(clone_depth=7),
        host.run(clone_depth=5, environment=other),
        host.run(state="confirmed", environment=other),
        host.run(state="confirmed", clone_depth=7),
    ):
        assert refused["failed"] and "Nothing was" in refused["msg"], refused
    assert host.files() == files
    again = host.run(clone_depth=5, confirm_within=600)
    assert not again["changed"] and again["pending"]


def test_two_at_once_end_with_one_pending(host):
    words = host.words(clone_depth=5, confirm_within=600)
    runs = [subprocess.Popen(words, env=host.environment(), stdout=subprocess.PIPE) for _run in range(3)]
    results = [json.loads(run.communicate()[0]) for run in runs]
    assert sorted(result["changed"] for result in results) == [False, False, True]
    assert host.run(state="reverted")["changed"]


def test_a_change_that_came_since_is_not_confirmed_with_what_was_asked_for(host):
    other = [f"TMPDIR={host.path('tmp')}", *host.words(clone_depth=5, confirm_within=600)]
    arm = f"[ -e {host.path('tmp/armed')} ] || {{ touch {host.path('tmp/armed')}; env {shlex.join(other)} >/dev/null; }}"
    os.rename(other[-1], other[-1] + ".json")
    result = host.run(state="confirmed", sshd=host.sshd(arm.replace(other[-1], other[-1] + ".json")))
    assert not result["changed"] and result["settled"] is None and result["pending"], result
    assert host.run(state="reverted")["changed"]


def test_after_a_reboot_the_next_run_reports_and_undoes(host):
    old = host.files()
    host.run(clone_depth=5, confirm_within=600)
    host.end_watchdogs()
    record = host.path(".sshd_config.pending/record.json")
    told = json.loads(host.read(record))
    host.write(record, json.dumps({**told, "boot": "another"}))
    result = host.run(clone_depth=5)
    assert result["changed"] and "was undone" in str(result["warnings"])
    host.run("reload")
    host.run(state="absent")
    assert host.files() == old


def test_somebody_elses_edit_meanwhile_is_never_lost(host):
    host.run(clone_depth=5, confirm_within=600)
    path = host.path(DROP_IN) if os.path.exists(host.path(DROP_IN)) else host.config
    with open(path, "a") as file:
        file.write("# an edit\n")
    edited = host.files()
    again = host.run(clone_depth=5, confirm_within=600)
    assert again["failed"] and f"somebody edited {path}" in again["msg"], again
    assert host.files() == edited
    result = host.run(state="reverted")
    assert f"what somebody else changed meanwhile in {path} is left as it is" in result["msg"], result
    assert host.read(path).endswith("# an edit\n") and result["effective"]["after"] == 2
    assert not host.leftovers() and host.answers()


def test_what_was_ours_before_an_edit_is_not_guessed(host):
    host.run(clone_depth=3)
    host.run(clone_depth=5, confirm_within=600)
    path = host.path(DROP_IN) if os.path.exists(host.path(DROP_IN)) else host.config
    with open(path, "a") as file:
        file.write("# an edit\n")
    edited = host.files()
    result = host.run(state="reverted")
    assert f"but for {path}, which somebody else changed" in result["msg"]
    assert host.files() == edited and not host.leftovers() and host.answers()


def test_a_record_that_others_could_write_is_not_followed(host):
    os.mkdir(host.path(".sshd_config.pending"))
    os.chmod(host.path(".sshd_config.pending"), 0o777)  # noqa: S103
    result = host.run(clone_depth=5)
    assert result["failed"] and "is not this collection's" in result["msg"]


def test_revert_starts_an_sshd_that_died(host):
    host.run(clone_depth=5, confirm_within=600)
    host.stop()
    assert not host.answers()
    host.run(state="reverted")
    assert host.eventually(host.answers)
    with open(host.path("pid")) as file:
        os.kill(int(file.read()), 15)
