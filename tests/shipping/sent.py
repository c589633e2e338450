# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print what Ansible sends to a host to run a module of this collection, which is the argument."""

import os
import sys

from ansible.executor import module_common
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar

init_plugin_loader()
module = sys.argv[1]
name = f"multiplex.sshd.{module}"
path = os.path.abspath(f".cache/collections/ansible_collections/multiplex/sshd/plugins/modules/{module}.py")
settings = {"task_vars": {"ansible_python_interpreter": "/usr/bin/python3"}, "module_compression": "ZIP_DEFLATED"}
templar = Templar(DataLoader())
try:
    sent = module_common.modify_module(module_name=name, module_path=path, module_args={}, templar=templar, **settings)
    sys.stdout.buffer.write(sent.b_module_data)
except TypeError:  # before ansible-core 2.19
    older = (name, path, {}, templar)
    sys.stdout.buffer.write(module_common.modify_module(*older, **settings)[0])  # pylint: disable=missing-kwoa
