#!/bin/sh
# The demonstration, which proves each of its steps on an sshd of its own, in the environment of ansible-test.
set -eux
root=${ANSIBLE_COLLECTIONS_PATH%%:*}/ansible_collections/multiplex/sshd
PYTHONPATH=$root/tests${PYTHONPATH:+:$PYTHONPATH} exec python "$root/script/demo.py"
