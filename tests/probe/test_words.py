# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a server lets nobody in is told in its own words, with what to look at."""

import contextlib
import os
import re
import socket
import subprocess
import threading

import own_etc
import pytest
from conftest import host_line, probe_play
from own_etc import OwnEtcSshd

PAM_ACCESS = "account required pam_access.so\n"
BY_PAM = "Usual are an account check of PAM's (/etc/nologin, pam_access, an expired account)"

# name: (sshd's lines, what is put into /etc, shadow's fields, ssh's and the server's words but for the port, hint)
WITH_PAM = {
    "nologin": (
        "",
        {"nologin": "Maintenance until 14:00\nask ops\n"},
        "*:19000:0:99999:7:::",
        "Maintenance until 14:00; ask ops; Connection closed by 127.0.0.1 port PORT.",
        BY_PAM,
    ),
    "nologin_after_a_banner": (
        "Banner /etc/legal\n",
        {"nologin": "Maintenance until 14:00\n", "legal": "Private. \x1b[31mKeep out.\n"},
        "*:19000:0:99999:7:::",
        r"Private. \033[31mKeep out.; Maintenance until 14:00; Connection closed by 127.0.0.1 port PORT.",
        BY_PAM,
    ),
    "access": (
        "",
        {"pam.d/sshd": PAM_ACCESS, "security/access.conf": f"-:{own_etc.USER}:ALL\n"},
        "*:19000:0:99999:7:::",
        "Connection closed by 127.0.0.1 port PORT.",
        BY_PAM,
    ),
    "expired": (
        "",
        {},
        "*:19000:0:99999:7::19001:",
        "Your account has expired; please contact your system administrator.; Connection closed by 127.0.0.1 port PORT.",
        "The account's time is over: `chage -l USER` on the server shows it.",
    ),
}


@pytest.fixture(scope="module")
def with_pam(module_playbook):
    """The results of one playbook for all of WITH_PAM, with each server's port."""
    own_etc.needed()
    with contextlib.ExitStack() as stack:
        servers = {
            name: stack.enter_context(OwnEtcSshd(body, etc, shadow=shadow))
            for name, (body, etc, shadow, _words, _hint) in WITH_PAM.items()
        }
        inventory = "".join(host_line(name, server) for name, server in servers.items())
        results, _said = module_playbook.run(inventory, [probe_play("all", {"clone_depth": 1})])
        return {name: (results[name], server.port) for name, server in servers.items()}


@pytest.mark.parametrize("name", WITH_PAM)
def test_accounts_that_pam_lets_not_in(name, with_pam):
    words, hint = WITH_PAM[name][3:]
    result, port = with_pam[name]
    assert result["failed"]
    start = f"No connection to 127.0.0.1, so no clone was tried. ssh said: {words} ".replace("PORT", str(port))
    assert result["msg"].startswith(start) and hint in result["msg"], result["msg"]


def keys(server, count):
    """Return options for so many keys that ``server`` does not know."""
    paths = [server.path(f"unknown{index}") for index in range(count)]
    for path in paths:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return " ".join(f"-i {path}" for path in paths)


def key_file(server, text=None, mode=0o600):
    """Return options for a copy of the right key, or ``text``, with ``mode``."""
    path = server.write("copy", server.read("id_ed25519") if text is None else text)
    os.chmod(path, mode)
    return f"-i {path}"


CUT = 'AuthorizedKeysFile none\nAuthorizedKeysCommand /bin/sh -c "kill -9 $PPID"\nAuthorizedKeysCommandUser root\n'

# name: (sshd's lines, ssh's arguments, ssh's and the server's words as a regular expression, hint)
WITHOUT = {
    "too_many_keys": (
        "MaxAuthTries 2\n",
        lambda server: keys(server, 4),
        r"Received disconnect from \S+ port \d+:2: Too many authentication failures; Disconnected from \S+ port \d+",
        "IdentitiesOnly=yes",
    ),
    "cut_after_the_key_exchange": (
        CUT,
        lambda _server: "",
        r"Connection (closed|reset) by 127.0.0.1 port \d+",
        "sshd's log there says why",
    ),
    "kept_out": (
        "DenyUsers *\n",
        lambda _server: "",
        r".*Permission denied \(publickey,keyboard-interactive\)",
        "AllowUsers, DenyGroups or PermitRootLogin",
    ),
    "no_algorithm": (
        "",
        lambda _server: "-o HostKeyAlgorithms=rsa-sha2-512",
        r"Unable to negotiate with \S+ port \d+: no matching host key type found. Their offer: ssh-ed25519",
        "no algorithm in common",
    ),
    "key_that_others_read": (
        "",
        lambda server: key_file(server, mode=0o644),
        r".*UNPROTECTED PRIVATE KEY FILE.*Permission denied \(\S+\)",
        "chmod 600",
    ),
    "no_key": (
        "",
        lambda server: key_file(server, "nonsense\n"),
        r"Load key \S+: .*Permission denied \(\S+\)",
        "not one that this ssh can read",
    ),
    "proxy": (
        "",
        lambda _server: "-o ProxyCommand=false",
        # What ssh finds first: its end, or that it can't be written to.
        r"((kex_exchange_identification: .*)?Connection closed by UNKNOWN port 65535"
        r"|banner exchange: Connection to UNKNOWN port 65535: Broken pipe)",
        "The ProxyCommand or ProxyJump on the way ended",
    ),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_servers_and_settings_without_a_connection(name, playbook, servers):
    body, args, words, hint = WITHOUT[name]
    if "root" in body and os.geteuid() != 0:
        pytest.skip("AuthorizedKeysCommandUser needs root")
    server = servers(first=body)
    more = args(server)
    own = "ansible_ssh_private_key_file=" if "-i" in more else ""
    extra = f"{own} ansible_ssh_extra_args='{more}'"
    result = playbook.probe(server, {"clone_depth": 1}, extra)
    assert result["failed"], result["msg"]
    whole = f"No connection to 127.0.0.1, so no clone was tried. ssh said: {words}\\. .*"
    assert re.fullmatch(whole, result["msg"]) and hint in result["msg"], result["msg"]


def test_what_is_said_in_place_of_a_greeting(playbook):
    # As OpenSSH 9.8 and later do under PerSourcePenalties, which take a while to be provoked.
    def serve(listener):
        with listener.accept()[0] as client:
            client.sendall(b"Not allowed at this time\r\n")
            client.shutdown(socket.SHUT_WR)
            client.recv(1 << 16)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        port = listener.getsockname()[1]
        inventory = f"one ansible_host=127.0.0.1 ansible_port={port} ansible_ssh_common_args='-F none'\n"
        results, _said = playbook.run(inventory, [probe_play("one", {})])
        thread.join()
    message = results["one"]["msg"]
    assert "ssh said: Not allowed at this time; kex_exchange_identification: " in message, message
    assert "PerSourcePenalties" in message


def test_a_banner_is_no_reason_once_one_is_let_in(playbook, stalling, tmp_path):
    (tmp_path / "legal").write_text("Private.\n")
    server = stalling(first=f"Banner {tmp_path}/legal\n", signal_name="KILL")
    result = playbook.probe(server, {"clone_depth": server.MANY})
    assert result["failed"] and "Then: the connection ended" in result["msg"], result["msg"]
    assert "Private" not in result["msg"]
    server.stopped()
