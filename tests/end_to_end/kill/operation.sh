#!/bin/sh
# Stands in for a program that the remote programs use: counts its uses by them, and has an accident at one of them.
#
# In the folder /run/kill: `at` is the number of that use, `how` the accident, `count` the uses so far. `reached` says
# that it happened; where the accident is not of this host, all waits there until `go` is made.
own=${0##*/}
folder=/run/kill
real=/usr/bin/$own
[ -x "$real" ] || real=/usr/sbin/$own
read -r at 2>/dev/null <"$folder/at" || exec "$real" "$@"
# Who starts it is one of our programs, and no script of a package.
case $(/usr/bin/tr '\0' ' ' <"/proc/$PPID/cmdline") in
    *'"#go"'*) ;;
    *) exec "$real" "$@" ;;
esac
count=0
read -r count 2>/dev/null <"$folder/count"
count=$((count + 1))
echo "$count" >"$folder/count"
[ "$count" -eq "$at" ] || exec "$real" "$@"
echo "$own $*" >"$folder/reached.new"
/usr/bin/mv "$folder/reached.new" "$folder/reached"
read -r how <"$folder/how"
case $how in
    fail) exit 1 ;;
    group) kill -KILL 0 ;;
    shell)
        # The shell of the program, with what it started beside itself still alive.
        read -r main _ 2>/dev/null </run/provision.lock
        kill -KILL "${main:-$PPID}" 2>/dev/null || kill -KILL "$PPID"
        exit 1
        ;;
    wait)
        tries=0
        until [ -e "$folder/go" ] || [ "$tries" -ge 600 ]; do
            /usr/bin/sleep 0.05
            tries=$((tries + 1))
        done
        ;;
esac
exec "$real" "$@"
