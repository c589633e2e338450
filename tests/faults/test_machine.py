# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine may be like: whatever it is, the module works or says in words what is in the way."""

import json
import os
import subprocess

import pytest
from disks import fill, small, use_up_inodes
from host import Host
from throwaway_sshd import SSHD

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount, and become another user")
# As the C locale is to Python 3.6: paths are ASCII there, and a session over SSH is often in no other locale.
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}


def refused(host, said, **options):
    before = host.standing()
    result = host.run(**{"clone_depth": 5, **options})
    assert result.get("failed") and said in result["msg"], result
    assert host.standing() == before
    return result["msg"]


@as_root
@pytest.mark.parametrize(("starve", "free"), [(fill, 0), (use_up_inodes, 0), (use_up_inodes, 1)])
def test_a_full_temporary_directory(starve, free):
    with Host() as host:
        os.mkdir(host.path("small"))
        with small(host.path("small")):
            starve(host.path("small"), free)
            full = host.path("small")
            said = f"the copy for sshd to judge can't be laid in {full}: No space left"
            refused(host, said, environment={"TMPDIR": full})
            assert not [name for name in os.listdir(full) if name.startswith("multiplex")]
        assert host.run(clone_depth=5)["changed"]


@as_root
@pytest.mark.parametrize("module", ["max_sessions", "max_sessions_info", "reload"])
def test_no_sshd(module):
    with Host() as host:
        hidden = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null "$0" && exec "$@"', SSHD]
        words = [*hidden, *host.words(module, **({"clone_depth": 5} if module == "max_sessions" else {}))]
        done = subprocess.run(words, env=host.environment(), capture_output=True, text=True, check=False)
        assert "sshd is no program that can be run: is openssh-server installed?" in json.loads(done.stdout)["msg"], done


def test_a_path_that_no_file_can_have():
    with Host() as host:
        names = {"x" * 300: "File name too long", "x" * 250: "File name too long", "a\0b": "has a NUL byte"}
        for name, said in names.items():
            for module, options in (("max_sessions", {"clone_depth": 5}), ("reload", {})):
                result = host.run(module, config=host.path(name), **options)
                assert result["failed"] and said in result["msg"], result
        for option in ("drop_in", "sshd"):
            refused(host, "has a NUL byte", **{option: f"{host.drop_ins}/a\0b.conf"})
        result = host.run("max_sessions_info", logs=["a\0b"])
        assert result["failed"] and "has a NUL byte" in result["msg"], result
        refused(host, "File name too long", drop_in=f"{host.drop_ins}/{'x' * 300}.conf")
        refused(host, "Not a directory", config=f"{host.config}/x")
        os.symlink("loop", host.path("loop"))
        refused(host, "Too many levels of symbolic links", config=host.path("loop"))


@pytest.mark.parametrize("place", ["drop_in", "main"])
@pytest.mark.parametrize("environment", [ASCII, {"LC_ALL": "C.UTF-8"}], ids=["ascii", "utf-8"])
def test_a_path_that_is_not_ascii_in_whatever_locale(place, environment):
    with Host(place, "\u00e9t\u00e9") as host:
        old = host.files()
        own = {"drop_in": f"{host.drop_ins}/\u00fc.conf"} if place == "drop_in" else {}
        result = host.run(clone_depth=5, environment=environment, **own)
        assert result["changed"] and result["effective"]["after"] == 6, result
        assert result["written"] == [own.get("drop_in", host.config)]
        assert host.run(clone_depth=5, environment=environment, **own)["changed"] is False
        assert host.run(state="absent", confirm_within=600, environment=environment)["changed"]
        # By hand, in the other locale.
        other = {**host.environment(), **({"LC_ALL": "C.UTF-8"} if environment is ASCII else ASCII)}
        words = ["python3", "-B", f"{host.folder}/.sshd_config.pending/revert"]
        done = subprocess.run(words, env=other, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert host.run(clone_depth=5, environment=environment, **own)["changed"] is False
        assert host.run(state="absent", environment=environment)["changed"]
        assert host.files() == old and host.valid()


@pytest.mark.parametrize("environment", [ASCII, {"LC_ALL": "C.UTF-8"}], ids=["ascii", "utf-8"])
def test_files_whose_names_are_not_ascii_are_read_in_whatever_locale(environment):
    with Host("drop_in", "\u00e9t\u00e9") as host:
        log = host.write(f"{host.folder}/\u00fc.log", "no more sessions\n")
        pid = host.write(f"{host.folder}/\u00fc.pid", f"{host.process.pid}\n")
        host.write(host.config, host.read(host.config).replace(host.path("pid"), pid))
        found = host.run("max_sessions_info", environment=environment, logs=[log])
        assert (found["log"]["paths"], found["refusals"]["count"]) == ([log], 1), found
        assert found["listener"]["reloaded"], found
