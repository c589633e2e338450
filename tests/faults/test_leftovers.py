# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves, and what the next one removes: only what is this collection's, and of no use to anybody."""

import glob
import os
import stat
import subprocess

import pytest
from host import Host
from test_kill import killed_at


@pytest.fixture
def host():
    with Host("main") as running:
        yield running


def told(result):
    return [one for one in result.get("warnings", ()) if "could not put back" in str(one)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file immutable")
def test_the_only_old_file_there_is_stays_and_every_later_run_tells_of_it(host):
    probe = host.write("tmp/probe", "")
    if subprocess.run(["chattr", "+i", probe], capture_output=True, check=False).returncode:
        pytest.skip("this file system has no immutable attribute")
    subprocess.run(["chattr", "-i", probe], check=True)
    old = host.read()
    spoil = f'! grep -q "BEGIN multi" {host.config} || {{ chattr +i {host.config}; exit 255; }}'
    spoil = f'case "$*" in *{host.config}*) {spoil};; esac'
    result = host.run(clone_depth=5, sshd=host.sshd(spoil))
    subprocess.run(["chattr", "-i", host.config], check=True)
    assert result["failed"] and f"{host.config} could not be put back" in result["msg"], result
    (kept,) = glob.glob(host.path(".multiplex-*"))
    assert f"The old file is {kept}/old" in result["msg"]
    for options in ({"clone_depth": 5}, {"clone_depth": 6}, {"clone_depth": 6, "_ansible_check_mode": True},
                    {"state": "reverted"}, {"state": "absent"}):  # fmt: skip
        assert told(host.run(**options)), options
    broken = host.read() + "Fnord yes\n"
    host.write("sshd_config", broken)
    result = host.run(clone_depth=6)
    assert result["failed"] and told(result)
    with open(f"{kept}/old") as file:
        assert file.read() == old
    os.rename(f"{kept}/old", host.config)
    os.rmdir(kept)
    assert not told(host.run(clone_depth=6))


FOREIGN = [".multiplex-backup", ".multiplex-sshd-backup", ".multiplex-sshd-abcdefgh"]


def test_somebody_elses_directories_stay(host):
    for name in FOREIGN:
        os.mkdir(host.path(name), 0o700)
        host.write(f"{name}/precious", "")
    os.mkdir(host.path(".multiplex-sshd-aaaaaaaa"), 0o755)
    os.symlink(host.path("tmp"), host.path(".multiplex-sshd-bbbbbbbb"))
    os.mkdir(host.path(".multiplex-sshd-cccccccc"), 0o700)
    if os.geteuid() == 0:
        os.chown(host.path(".multiplex-sshd-cccccccc"), 7, 8)
    else:
        host.write(".multiplex-sshd-cccccccc/precious", "")
    before = host.leftovers()
    assert host.run(clone_depth=5)["changed"] and host.run("reload")["changed"]
    assert host.run(state="absent")["changed"] and host.run("reload")["changed"]
    assert host.leftovers() == before
    assert all(os.listdir(host.path(name)) == ["precious"] for name in FOREIGN)


def test_what_a_killed_run_left_in_a_directory_without_drop_ins_goes():
    with Host() as host:
        # Before its file is laid: the private directory is all that is there.
        assert killed_at(host, "fsync", 1, clone_depth=5)
        assert os.listdir(host.drop_ins) != []
        assert host.run(clone_depth=5, location="main")["changed"]
        assert os.listdir(host.drop_ins) == []


@pytest.mark.parametrize("umask", [0, 0o777])
@pytest.mark.parametrize("confirm_within", [0, 600])
def test_whatever_the_umask_is_nobody_else_can_write(host, umask, confirm_within):
    os.chmod(host.config, 0o644)
    places = f"{host.path('tmp')}/multiplex-* {host.folder}/.[ms]*"
    copies = f"find {places} -printf '%m %p\\n' >>{host.path('tmp/modes')} 2>/dev/null"
    words = host.words(clone_depth=5, confirm_within=confirm_within, backup=True, sshd=host.sshd(copies))
    done = subprocess.run(words, env=host.environment(), umask=umask, capture_output=True, text=True, check=False)
    assert '"changed": true' in done.stdout, done
    modes = [line.split(" ", 1) for line in host.read("tmp/modes").splitlines()]
    for parent, directories, files in os.walk(host.folder):
        if not parent.startswith(host.path("tmp")):
            for name in files + directories:
                about = os.lstat(os.path.join(parent, name))
                if not stat.S_ISLNK(about.st_mode):
                    modes.append((f"{stat.S_IMODE(about.st_mode):o}", os.path.join(parent, name)))
    ours = [(mode, path) for mode, path in modes if "multiplex" in path or "/.sshd_config" in path or path.endswith("~")]
    assert len(ours) > 3
    assert [one for one in ours if int(one[0], 8) & 0o022 or not int(one[0], 8) & 0o400] == []
    assert stat.S_IMODE(os.stat(host.config).st_mode) == 0o644
