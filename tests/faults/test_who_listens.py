# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What listens where sshd should: a user's program, an sshd of another name, one that can't be seen, another system's."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile

import pytest
from host import Host
from throwaway_sshd import SSHD

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")

IMPOSTOR = """#!/usr/bin/python3
import os, socket, sys, time

if not os.geteuid():  # somebody else has started it
    open(sys.argv[3], "w").close()
    sys.exit()
with socket.create_server(("127.0.0.1", int(sys.argv[4]))):
    print(flush=True)
    time.sleep(60)
"""


@pytest.fixture
def host():
    with Host() as running:
        yield running


def settled(host, module="max_sessions", **options):
    """Run ``module``, which must not wait for ever; return its result."""
    words, whole = host.words(module, **options), host.environment()
    return json.loads(subprocess.run(words, env=whole, stdout=subprocess.PIPE, check=False, timeout=30).stdout)


@contextlib.contextmanager
def impostor(host):
    """Have nobody listen on the host's port with a program called sshd; give what root makes if it runs it."""
    host.stop()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)  # noqa: S103
        program, trap = os.path.join(directory, "sshd"), os.path.join(directory, "trap")
        host.write(program, IMPOSTOR)
        os.chmod(program, 0o755)  # noqa: S103
        words = [program, "-f", host.config, trap, str(host.port)]
        process = subprocess.Popen(words, user="nobody", stdout=subprocess.PIPE, cwd="/")
        try:
            assert process.stdout.readline() == b"\n"
            yield trap, process
        finally:
            process.kill()
            process.communicate()


@as_root
def test_a_users_program_called_sshd_is_never_run_as_root(host):
    with impostor(host) as (trap, process):
        host.run(clone_depth=5, confirm_within=600)
        process.kill()
        process.wait()
        host.run(state="reverted")
        assert not os.path.exists(trap)


@as_root
def test_a_users_program_called_sshd_is_not_signalled(host):
    with impostor(host) as (_trap, process):
        done = host.run("reload", timeout=1)
        assert process.poll() is None
        assert done["failed"] and f"process {process.pid} (sshd) listens on" in done["msg"], done


def test_a_log_that_became_a_fifo_holds_up_nobody(host, tmp_path):
    # It can't execute itself anew, and what it said of that is looked for.
    program = shutil.copy(SSHD, tmp_path / "sshd")
    host.restart(program=str(program))
    program.unlink()
    os.unlink(host.path("log"))
    os.mkfifo(host.path("log"))
    done = settled(host, "reload", timeout=1)
    assert "does not accept connections 1 seconds later" in done["msg"], done


STARTED = (("-De", "Banner=none"), ("-D", "MaxSessions 2"), ("-D", "Subsystem other /x y", "PermitTTY no"))


@pytest.mark.parametrize("given", STARTED, ids=" ".join)
def test_an_sshd_that_died_is_started_as_it_was_and_lets_go_of_who_starts_it(host, given):
    foreground, *options = given
    host.restart(foreground, *(word for option in options for word in ("-o", option)))
    assert host.run(rules=[{"match": "all", "clone_depth": 5}], confirm_within=600)["changed"]
    host.stop()
    try:
        assert settled(host, state="reverted")["changed"]
        assert host.eventually(host.answers, 5)
        with open(host.path("pid")) as file, open(f"/proc/{file.read().strip()}/cmdline") as shown:
            title = shown.read()
        assert all(f" -o {option} " in title for option in options), title
    finally:
        with contextlib.suppress(OSError), open(host.path("pid")) as file:
            os.kill(int(file.read()), signal.SIGTERM)


def test_an_sshd_of_another_name_is_no_sshd_that_is_not_there(host, tmp_path):
    program = shutil.copy(SSHD, tmp_path / "gsisshd")
    host.restart(program=str(program))
    old, before = host.files(), host.listener()
    done = host.run(clone_depth=5, reload=True)
    assert done["failed"] and f"process {host.process.pid} (gsisshd) listens on " in done["msg"], done
    assert "name its program in 'sshd'" in done["msg"]
    assert (host.files(), host.listener()) == (old, before)
    done = host.run(clone_depth=5, reload=True, sshd=str(program))
    assert (done["reload"]["method"], done["reload"]["pid"]) == ("signal", host.process.pid), done
    assert host.listener() != before


@as_root
def test_an_sshd_that_can_not_be_seen_is_no_sshd_that_is_not_there(host):
    for path, mode in (("", 0o755), ("sshd_config.d", 0o755), ("sshd_config", 0o644), ("tmp", 0o1777)):
        os.chmod(host.path(path), mode)
    words = host.words("reload")
    os.chmod(words[-1], 0o644)
    as_nobody = {"env": host.environment(), "user": "nobody", "stdout": subprocess.PIPE}
    try:
        subprocess.run([*words[:-2], "json.tool", "--help"], **as_nobody, check=True)
    except PermissionError:
        pytest.skip("nobody can't read what runs the tests")
    done = json.loads(subprocess.run(words, **as_nobody, check=False).stdout)
    assert done.get("failed") and "Run this as root" in done["msg"], done


@as_root
def test_an_image_that_is_built_beside_the_hosts_sshd_has_none(host, tmp_path):
    before = host.listener()
    script = """
    mount -t tmpfs tmpfs "$0" && for path in /*; do
        case "$path" in
        /bin | /sbin | /lib*) cp -a "$path" "$0" 2>/dev/null || true ;;
        *) [ ! -d "$path" ] || { mkdir "$0$path" && mount --rbind "$path" "$0$path"; } ;;
        esac
    done
    exec chroot "$0" sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
    """
    words = ["unshare", "--mount", "sh", "-euc", script, str(tmp_path), *host.words("reload")]
    done = subprocess.run(words, env=host.environment(), capture_output=True, text=True, check=False)
    assert json.loads(done.stdout or "{}").get("method") == "none", done
    assert host.listener() == before
