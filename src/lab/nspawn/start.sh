#!/bin/sh
# Becomes the supervisor of one practice host. Runs in a mount namespace of its own, so that the host's root folder
# is mounted nowhere else and goes away with the last process in it.
#
# Arguments: folder of the base image, folder of the host, control groups, `--`, the supervisor and its arguments.
set -eu

# What the starter had open, a lock for instance, is not for a process that goes on for days.
for descriptor in 3 4 5 6 7 8 9; do
    eval "exec $descriptor>&-"
done

image=$1
folder=$2
shift 2
while [ "$1" != -- ]; do
    echo 0 >"$1/cgroup.procs"
    shift
done
shift

layers="lowerdir=$image,upperdir=$folder/upper,workdir=$folder/work"
# Throwaway: nothing needs to be on the disk for good, which makes installing packages a good deal faster.
mount -t overlay overlay -o "$layers,volatile" "$folder/root" 2>/dev/null ||
    mount -t overlay overlay -o "$layers" "$folder/root"
exec "$@"
