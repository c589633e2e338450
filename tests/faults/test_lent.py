# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sshd is lent before its first start, and whom that must not disturb: in a /run and with processes of its own."""

import json
import os
import shutil
import subprocess

import pytest
from host import Host
from throwaway_sshd import SSHD

LOOK = 'echo; ls -d /run/sshd; [ ! -e {pid} ] || {{ ssh {ssh} 127.0.0.1 true && echo "logged in"; kill $(cat {pid}); }}'
ENTER = 'mount -t tmpfs -o mode=755 tmpfs /run; "$@"; ' + LOOK
ONCE = '[ "$1" = -V ] || [ -e {flag} ] || [ ! -d /run/sshd ] || {{ touch {flag}; {act}; }}'


def apart(host, **options):
    """Run the module where no sshd is seen and /run is empty; return its result, and what is then seen there."""
    words = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c"]
    words += [ENTER.format(pid=host.path("other.pid"), ssh=" ".join(host.ssh_args())), "sh", *host.words(**options)]
    done = subprocess.run(words, env=host.environment(), capture_output=True, text=True, check=False)
    if "unshare failed" in done.stderr or "permission denied" in done.stderr:
        pytest.skip(f"a namespace is refused here: {done.stderr.strip()}")
    result, _newline, seen = done.stdout.strip().partition("\n")
    return json.loads(result), seen


@pytest.fixture
def host():
    if os.geteuid() != 0:
        pytest.skip("only root can mount, and needs the directory")
    with Host() as running:
        running.stop()
        yield running


def test_an_image_that_is_built_is_left_as_it_was(host):
    result, seen = apart(host, clone_depth=5)
    assert result["changed"] and "/run/sshd" not in seen, (result, seen)


def test_an_sshd_that_starts_meanwhile_lets_people_in(host):
    pid = host.path("other.pid")
    start = f"{SSHD} -f {host.config} -o PidFile={pid} -E {host.path('other.log')}"
    act = f"{start} && while [ ! -s {pid} ]; do sleep 0.01; done"
    result, seen = apart(host, clone_depth=5, sshd=host.sshd(ONCE.format(flag=host.path("tmp/done"), act=act)))
    assert result["changed"] and seen.split() == ["/run/sshd", "logged", "in"], (result, seen, host.read("other.log"))


@pytest.mark.parametrize("refused", ["ed25519", "ed25519|ecdsa", "ed25519|ecdsa|rsa"])
def test_a_kind_of_host_key_that_this_machine_refuses(tmp_path, refused):
    # As ssh-keygen does in FIPS mode.
    keygen = tmp_path / "ssh-keygen"
    refuse = f'case "$3" in {refused}) echo "$3 keys are not allowed in FIPS mode" >&2; exit 255;; esac'
    keygen.write_text(f'#!/bin/sh\n{refuse}\nexec {shutil.which("ssh-keygen")} "$@"\n')
    keygen.chmod(0o755)
    with Host() as host:
        host.write("sshd_config", host.read().replace("HostKey", "#HostKey") + f"HostKey {tmp_path}/none\n")
        result = host.run(clone_depth=5, environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
        if refused.endswith("rsa"):
            assert "ssh-keygen can't lend one: rsa keys are not allowed in FIPS mode" in result["msg"]
        else:
            assert result["changed"] and result["effective"]["after"] == 6, result
        assert not host.temporary()[1:], host.temporary()
