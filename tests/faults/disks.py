# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems that refuse, for the time of a block; needs root."""

import contextlib
import errno
import fcntl
import os
import shutil
import struct
import subprocess

import pytest

PAGE = 4096
EXT4_IOC_SHUTDOWN = 0x8004587D  # in the kernel's fs/ext4/ext4.h, as the next
EXT4_GOING_FLAGS_NOLOGFLUSH = struct.pack("I", 2)


@contextlib.contextmanager
def mounted(path, *words):
    """Mount at ``path`` as ``mount`` does with ``words``, and unmount however the block ends."""
    done = subprocess.run(["mount", *words, path], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mount is refused here: {done.stderr.strip()}")
    try:
        yield
    finally:
        # Lazily: a watchdog that still runs must not keep it.
        subprocess.run(["umount", "--lazy", path], check=True)


@contextlib.contextmanager
def small(folder, pages=256, inodes=400):
    """Lay what is in ``folder`` on a small file system of its own."""
    was = shutil.copytree(folder, folder + ".was", symlinks=True)
    with mounted(folder, "-t", "tmpfs", "-o", f"size={pages * PAGE},nr_inodes={inodes},mode=755", "tmpfs"):
        shutil.copytree(was, folder, symlinks=True, dirs_exist_ok=True)
        yield


def fill(folder, free):
    """Fill the file system of ``folder`` but for ``free`` pages."""
    path = os.path.join(folder, "filler")
    with open(path, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(b"\0" * PAGE):
                pass
        file.truncate(max(0, os.path.getsize(path) - free * PAGE))


def use_up_inodes(folder, free):
    """Use up the inodes of the file system of ``folder`` but for ``free``."""
    place = os.path.join(folder, "fillers")
    os.mkdir(place)
    try:
        for number in range(100000):
            os.mknod(os.path.join(place, str(number)))
    except OSError as error:
        assert error.errno == errno.ENOSPC
    for number in range(free):
        os.unlink(os.path.join(place, str(number)))


@contextlib.contextmanager
def mains(folder, image):
    """Lay what is in ``folder`` on an ext4 in the file ``image``; give ``cut``, a power cut after which it is back."""
    with open(image, "wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True, stdin=subprocess.DEVNULL)
    was = shutil.copytree(folder, folder + ".was", symlinks=True)
    with contextlib.ExitStack() as mounts:
        mounts.enter_context(mounted(folder, "-o", "loop", image))
        os.rmdir(os.path.join(folder, "lost+found"))
        shutil.copytree(was, folder, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["sync", "--file-system", folder], check=True)

        def cut():
            root = os.open(folder, os.O_RDONLY)
            try:
                fcntl.ioctl(root, EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH)
            except OSError as error:
                pytest.skip(f"no power cut can be had here: {error}")
            finally:
                os.close(root)
            # A copy: whoever has a file open there keeps the old one from being mounted anew.
            mounts.enter_context(mounted(folder, "-o", "loop", shutil.copy(image, image + ".after")))

        yield cut
