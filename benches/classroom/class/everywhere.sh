#!/bin/sh
# everywhere.sh SSH_CONFIG FILES COMMAND HOST…: runs a command on all hosts at once over ssh, each in a folder with
# its files; with FILES `-` there are none. Fails where one of them does.
config=$1 files=$2 command=$3
shift 3

on_host() { # host
    if [ "$files" = - ]; then
        ssh -n -F "$config" "$1" "$command"
    else
        tar -C "$files/$1" -c . | ssh -F "$config" "$1" "mkdir -p class && tar -C class -x && cd class && $command"
    fi
}

started=
for host; do
    on_host "$host" &
    started="$started $!"
done
failed=0
for one in $started; do
    wait "$one" || failed=1
done
exit "$failed"
