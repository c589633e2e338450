# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was set in an image, where no sshd ran, holds from the first boot on."""


def test_five_clones_open_and_the_next_is_refused(server):
    assert server.sessions("alice", 10) == 6


def test_the_server_logs_the_refusal(server, refusals):
    before = refusals()
    server.sessions("alice", 10)
    assert refusals(above=before) == before + 1
