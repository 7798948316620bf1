#!/usr/bin/env bash
# A PostgreSQL with a synchronous standby that takes its place: real Patroni and etcd over two servers, on the loopback of one machine, for
# tests that kill the primary while calls come in.
#
#   apt-get install postgresql patroni etcd-server
#   tests/rig/patroni.sh up DIR        starts everything, and ends when there is a primary with its synchronous standby
#   tests/rig/patroni.sh url DIR       what [postgres] url is for it: both servers by name
#   tests/rig/patroni.sh primary DIR   a or b; nothing while there is none
#   tests/rig/patroni.sh crash DIR a   ends one server as a bug would: its Patroni starts it again
#   tests/rig/patroni.sh kill DIR a    ends one server as a power cut does, its Patroni first, so that nobody restarts it
#   tests/rig/patroni.sh start DIR a   starts it again: it follows whoever leads by then
#   tests/rig/patroni.sh halt DIR      ends everything that was started here; `up` goes on with what is in DIR
#   tests/rig/patroni.sh down DIR      the same, and removes DIR
#
# PORT (default 54710) is the first of six ports.
set -euo pipefail

port=${PORT:-54710}
etcd_port=$port peer_port=$((port + 1))
declare -A pg_port=([a]=$((port + 2)) [b]=$((port + 4))) rest_port=([a]=$((port + 3)) [b]=$((port + 5)))
binaries=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -1)

fail() {
    echo "patroni.sh: $*" >&2
    exit 1
}

# begin NAME COMMAND...: in the background, its number in DIR/NAME.pid, its words in DIR/NAME.log. PostgreSQL refuses to run as root.
begin() {
    local name=$1
    shift
    [ "$(id -u)" != 0 ] || set -- setpriv --reuid postgres --regid postgres --clear-groups -- "$@"
    (
        cd "$dir"
        exec >>"$dir/$name.log" 2>&1 </dev/null
        exec setsid "$@"
    ) &
    echo $! >"$dir/$name.pid"
}

# Ends what `begin NAME` started, at once, and waits until it is gone.
end() {
    local number
    number=$(cat "$dir/$1.pid" 2>/dev/null) || return 0
    kill -KILL "$number" 2>/dev/null || true
    while kill -0 "$number" 2>/dev/null; do sleep 0.05; done
    rm -f "$dir/$1.pid"
}

# wait_for SECONDS WHAT COMMAND...
wait_for() {
    local until=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || fail "waited in vain for $what; see the logs in $dir"
        sleep 0.2
    done
}

settings() {
    cat <<YAML
scope: jichi
name: $1
etcd3: {host: "127.0.0.1:$etcd_port"}
restapi: {listen: "127.0.0.1:${rest_port[$1]}", connect_address: "127.0.0.1:${rest_port[$1]}"}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    maximum_lag_on_failover: 0
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      parameters: {synchronous_commit: "on", wal_log_hints: "on", max_connections: 50, wal_keep_size: 256MB}
  initdb: [{encoding: UTF8}, {auth: trust}, no-sync]
postgresql:
  listen: "127.0.0.1:${pg_port[$1]}"
  connect_address: "127.0.0.1:${pg_port[$1]}"
  data_dir: $dir/$1
  bin_dir: $binaries
  pgpass: $dir/$1.pgpass
  parameters: {unix_socket_directories: $dir}
  pg_hba: ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
  authentication:
    superuser: {username: jichi, password: jichi}
    replication: {username: replicator, password: replicator}
YAML
}

member() {
    settings "$1" >"$dir/$1.yml"
    begin "patroni-$1" patroni "$dir/$1.yml"
}

is_primary() {
    [ "$(curl -s -m 1 -o /dev/null -w '%{http_code}' "http://127.0.0.1:${rest_port[$1]}/primary")" = 200 ]
}

primary() {
    for name in a b; do
        if is_primary "$name"; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

has_standby() {
    for name in a b; do
        [ "$(curl -s -m 1 -o /dev/null -w '%{http_code}' "http://127.0.0.1:${rest_port[$name]}/synchronous")" = 200 ] && return 0
    done
    return 1
}

# The whole server: its children go on without their parent for a moment.
end_server() {
    local number children
    number=$(head -1 "$dir/$1/postmaster.pid" 2>/dev/null) || return 0
    children=$(pgrep -P "$number" || true)
    # shellcheck disable=SC2086
    kill -KILL "$number" $children 2>/dev/null || true
}

halt() {
    local name number
    for name in a b; do
        end "patroni-$name"
        if number=$(head -1 "$dir/$name/postmaster.pid" 2>/dev/null); then
            kill -INT "$number" 2>/dev/null || true
            while kill -0 "$number" 2>/dev/null; do sleep 0.05; done
        fi
    done
    end etcd
}

[ $# -ge 2 ] || fail "say up, url, primary, crash, kill, start, halt or down, and a folder"
dir=$(realpath -m "$2")
case $1 in
up)
    for tool in patroni etcd curl setpriv; do
        command -v $tool >/dev/null || fail "$tool is missing: apt-get install postgresql patroni etcd-server curl util-linux"
    done
    [ -n "$binaries" ] || fail "PostgreSQL is missing: apt-get install postgresql"
    mkdir -p "$dir"
    [ "$(id -u)" != 0 ] || chown postgres:postgres "$dir"
    begin etcd etcd --name jichi --data-dir "$dir/etcd" --enable-v2=false --unsafe-no-fsync \
        --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
        --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
        --initial-cluster "jichi=http://127.0.0.1:$peer_port"
    wait_for 20 etcd curl -sf -m 1 "http://127.0.0.1:$etcd_port/health"
    if [ -d "$dir/b" ]; then
        # As they were left: only one of them may know all.
        member a
        member b
        wait_for 90 "a primary" primary
    else
        member a
        wait_for 60 "the first primary" is_primary a
        member b
    fi
    wait_for 60 "the synchronous standby" has_standby
    ;;
url) echo "postgresql://jichi@127.0.0.1:${pg_port[a]},127.0.0.1:${pg_port[b]}/postgres" ;;
primary) primary ;;
crash) end_server "${3:?which server}" ;;
kill)
    end "patroni-${3:?which server}"
    end_server "$3"
    ;;
start) member "${3:?which server}" ;;
halt) halt ;;
down)
    halt
    rm -rf "$dir"
    ;;
*) fail "unknown: $1" ;;
esac
