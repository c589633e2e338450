#!/usr/bin/python
# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the running sshd honour its configuration, after proof that it can."""

DOCUMENTATION = r"""
module: reload
short_description: Reload sshd the way this host runs it, and prove that it still listens
version_added: 1.0.0
description:
  - Tests the live configuration with C(sshd -t), and sends no signal if that fails, because sshd ends on a reload of a
    broken one.
  - Finds the sshd that listens for this configuration by the sockets that it holds, and reloads it as the host runs it,
    by C(systemctl reload) for a systemd service, else by C(SIGHUP) to the listener itself. Under socket activation a
    running service is restarted, which no session notices; where none runs, each new connection reads the
    configuration anyway.
  - Waits until the listener has opened its sockets anew and gives its banner, and fails with what the server logged if
    it doesn't.
  - Connections that are open go on, with the configuration that they began with.
extends_documentation_fragment:
  - multiplex.sshd.sshd
options:
  timeout:
    description:
      - How many seconds sshd may take to listen again, from 1 to 3600.
    type: int
    default: 15
attributes:
  check_mode:
    description: Tests the configuration and finds the listener, but does not reload it.
    support: full
  diff_mode:
    description: There is no text to show.
    support: none
notes:
  - Like a handler it reloads each time that it is called. M(multiplex.sshd.max_sessions) with its option C(reload), and so
    the role C(multiplex.sshd.max_sessions), reloads only when needed.
seealso:
  - module: multiplex.sshd.max_sessions
  - module: multiplex.sshd.max_sessions_info
  - module: multiplex.sshd.clone_probe
"""

EXAMPLES = r"""
- name: Reload sshd
  multiplex.sshd.reload:

- name: Reload the sshd that reads another configuration
  multiplex.sshd.reload:
    config: /etc/ssh/sshd_config_sftp
"""

RETURN = r"""
method:
  description:
    - How sshd was reloaded, or would be. V(systemd) by its service, V(signal) by C(SIGHUP) to the listener.
    - V(socket) where an init listens and starts an sshd for the next connection, V(none) where no sshd listens. Neither
      needs a reload, and RV(ignore:changed) is false.
  type: str
  returned: success
  sample: systemd
unit:
  description: The systemd service. Null where sshd is not run as one.
  type: str
  returned: success
  sample: ssh.service
pid:
  description: The listener's process, before the reload. Null where there was none.
  type: int
  returned: success
  sample: 812
listening:
  description: The addresses on which it listens, as C(HOST:PORT).
  type: list
  elements: str
  returned: success
  sample: ["0.0.0.0:22", "[::]:22"]
answered:
  description:
    - Whether sshd greets the host itself at one of its addresses. If not, it is known to listen with what it read, and no
      more, as where TCP wrappers turn the host away. Null where nothing was reloaded.
  type: bool
  returned: success
  sample: true
validation:
  description: What C(sshd -t) said of the live configuration.
  type: dict
  returned: always, once sshd was asked
  sample: {command: /usr/sbin/sshd -t -f /etc/ssh/sshd_config, rc: 0, stderr: ""}
msg:
  description: The outcome in one sentence.
  type: str
  returned: always
"""

import sys

if sys.version_info < (3, 6):  # noqa: UP036 - Python 2.7 gets as far as here: it reads this file, and none that is imported below
    import json

    said = "multiplex.sshd needs Python 3.6 or later on the host, %s is %s: install python3 there, and have %s name it"
    said %= sys.executable, sys.version.split()[0], "ansible_python_interpreter"
    sys.stdout.write(json.dumps({"failed": True, "msg": said}))
    raise SystemExit(1)

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._config.configuration import Configuration
from ..module_utils._config.files import os_path, readable
from ..module_utils._errors import Error
from ..module_utils._proof.sshd import Sshd
from ..module_utils._service import listener
from ..module_utils._service.reload import reload

LONGEST = 3600  # seconds


def main():
    module = AnsibleModule(
        argument_spec=dict(
            config=dict(type="path", default="/etc/ssh/sshd_config"),
            sshd=dict(type="path"),
            timeout=dict(type="int", default=15),
        ),
        supports_check_mode=True,
    )
    params = module.params
    program = params["sshd"] or module.get_bin_path("sshd") or "/usr/sbin/sshd"
    try:
        require_timeout(params["timeout"])
        configuration = Configuration.at(params["config"])
        with Sshd(os_path(program), module.run_command, listener.finder(configuration)) as sshd:
            result = reload(sshd, configuration, params["timeout"], check_mode=module.check_mode)
    except Error as error:
        module.fail_json(**readable(dict(error.details, msg=str(error))))
    module.exit_json(**readable(result))


def require_timeout(seconds):
    """Raise Error unless sshd can be waited for so long."""
    if not 1 <= seconds <= LONGEST:
        raise Error("timeout is %d: give seconds from 1 to %d. Nothing was signalled" % (seconds, LONGEST))


if __name__ == "__main__":
    main()
