# shellcheck shell=sh
# What every script here needs first; sourced with $root naming the checkout. POSIX sh: nothing is installed yet.
: "${root:?}"

# --help prints the comment that the script begins with.
case ${1:-} in
-h | --help)
    sed -n '2,${/^#/!q;s/^# \{0,1\}//p;}' "$0"
    exit 0
    ;;
esac

say() { printf '==> %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else die "this needs root, or sudo, to run: $*"
    fi
}

# Sets $missing to the Debian packages among "$@" that are not installed; fails where none is missing.
find_missing() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ]
}

# Installs the Debian packages among "$@" that are missing.
need_packages() {
    { command -v dpkg-query && command -v apt-get; } >/dev/null 2>&1 ||
        die "this set-up knows Debian and Ubuntu (apt-get); install these yourself: $*"
    find_missing "$@" || return 0
    # Another of these scripts may be at it: apt-get itself would not wait.
    mkdir -p "$root/.cache"
    exec 8>"$root/.cache/packages.lock"
    flock 8
    ! find_missing "$@" || install_missing
    exec 8>&-
}

install_missing() {
    say "installing Debian packages:$missing"
    # An sshd that comes in for a test must not open port 22 on this machine.
    closed=
    case " $missing " in *" openssh-server "*)
        if [ ! -e /usr/sbin/policy-rc.d ]; then
            closed=1
            trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
            printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
            as_root chmod 755 /usr/sbin/policy-rc.d
        fi ;;
    esac
    as_root apt-get update -q >/dev/null || die "apt-get update failed; see above"
    # shellcheck disable=SC2086 # one word a package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >/dev/null 8>&- ||
        die "apt-get could not install:$missing"
    if [ -n "$closed" ]; then
        as_root rm -f /usr/sbin/policy-rc.d
        trap - EXIT
        if command -v systemctl >/dev/null 2>&1; then
            as_root systemctl disable ssh.service ssh.socket >/dev/null 2>&1 || :
        fi
        say "openssh-server is installed, not started and not enabled"
    fi
}

# Makes .cache/NAME a virtual environment that holds script/requirements/NAME.txt; sets $venv.
# With $2, a release such as 2.16, it is .cache/NAME-2.16, and has this ansible-core.
need_venv() {
    venv=$root/.cache/$1${2:+-$2}
    wanted=$(cat "$root/script/requirements/$1.txt")${2:+
ansible-core==$2.*}
    if [ "$(cat "$venv/installed.txt" 2>/dev/null)" != "$wanted" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
        # Of two builds of one release Debian's is the faster, by a fifth.
        python=python3
        [ "$(/usr/bin/python3 -V 2>&1 | cut -d. -f1,2)" != "$(python3 -V | cut -d. -f1,2)" ] || python=/usr/bin/python3
        "$python" -c 'import ensurepip' 2>/dev/null || need_packages python3-venv
        say "installing Python packages into ${venv#"$root/"}: $(echo "$wanted" | grep -v '^#' | tr '\n' ' ')"
        rm -rf "$venv"
        "$python" -m venv "$venv" || die "python3 -m venv failed; see above"
        echo "$wanted" >"$venv/wanted.txt"
        install_wanted ||
            { cat "$venv/pip.log" >&2; die "pip could not install $venv/wanted.txt: is PyPI reachable, is python3 new enough?"; }
        mv "$venv/wanted.txt" "$venv/installed.txt"
    fi
    PATH=$venv/bin:$PATH
    export PATH
}

pip() { "$venv/bin/python" -m pip --quiet --disable-pip-version-check "$@" 2>"$venv/pip.log"; }

# uv takes an eighth of pip's time, but reads no pip.conf: where that names an index, or uv doesn't get there, pip does it.
install_wanted() {
    if ! pip config list | grep -q '\.index-url=' && pip install uv; then
        UV_CACHE_DIR=$root/.cache/uv UV_NATIVE_TLS=true "$venv/bin/uv" pip install --quiet \
            --python "$venv/bin/python" -r "$venv/wanted.txt" 2>"$venv/pip.log" && return
    fi
    pip install -r "$venv/wanted.txt"
}

# Prints the names of the files that are committed, or would be by "git add --all".
files() {
    git -C "$root" ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        [ ! -e "$root/$file" ] || printf '%s\n' "$file"
    done
}

# Makes the directory that an sshd of root's won't start without, which is there only once a service was started.
lend_run_sshd() {
    lent=
    if [ "$(id -u)" -eq 0 ] && mkdir -m 755 /run/sshd 2>/dev/null; then lent=/run/sshd; fi
}

take_back_run_sshd() { [ -z "$lent" ] || rmdir "$lent" 2>/dev/null || :; }

# Runs "$@" with a temporary directory that goes when it ends, and with /run/sshd.
in_clean_room() {
    room=$(mktemp -d)
    chmod 711 "$room" # for tests that run something as another user
    lend_run_sshd
    trap 'clear_room' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    status=0
    TMPDIR=$room "$@" || status=$?
    clear_room
    trap - EXIT INT TERM
    return "$status"
}

clear_room() {
    # A test that was cut off can leave a mount.
    awk -v room="$room/" 'index($2, room) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount || :
    rm -rf "$room"
    take_back_run_sshd
}

# Lays the checkout where Ansible and Python find it as the collection multiplex.sshd.
need_collection() {
    mkdir -p "$root/.cache/collections/ansible_collections/multiplex"
    lain=$root/.cache/collections/ansible_collections/multiplex/sshd
    # Another script may be looking there.
    [ "$(readlink "$lain")" = "$root" ] || ln -sfn "$root" "$lain"
    ANSIBLE_COLLECTIONS_PATH=$root/.cache/collections
    ANSIBLE_HOME=$root/.cache/ansible
    export ANSIBLE_COLLECTIONS_PATH ANSIBLE_HOME
    # A control socket's path may have 108 octets, ssh's own suffix included: a deep checkout leaves them to HOME.
    if [ ${#root} -le 60 ]; then
        ANSIBLE_SSH_CONTROL_PATH_DIR=$ANSIBLE_HOME/cp
        export ANSIBLE_SSH_CONTROL_PATH_DIR
    fi
}

# Installs what molecule/hosts bootstraps and runs containers with, unless HOSTS_ENGINE=docker brings its own.
need_hosts() {
    command -v ssh-keygen >/dev/null 2>&1 || need_packages openssh-client
    [ "${HOSTS_ENGINE:-podman}" = podman ] || return 0
    need_packages podman runc netavark aardvark-dns iptables mmdebstrap debian-archive-keyring
    [ "$(id -u)" -eq 0 ] || need_packages uidmap slirp4netns
    # runc with explicit limits also starts under cgroup v1 or a capped number of open files.
    # shellcheck disable=SC3045 # dash and bash know -H
    limit=$(ulimit -H -n)
    case $limit in unlimited) limit=8192 ;; *) [ "$limit" -le 8192 ] || limit=8192 ;; esac
    mkdir -p "$root/.cache/hosts"
    CONTAINERS_CONF=$root/.cache/hosts/containers.conf
    printf '%s\n' '[containers]' "default_ulimits = [\"nofile=$limit:$limit\", \"nproc=8192:8192\"]" \
        '[engine]' 'runtime = "runc"' >"$CONTAINERS_CONF"
    export CONTAINERS_CONF
}
