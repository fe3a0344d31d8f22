# A clock that nobody may set.
# shellcheck disable=SC2034 # read by those that ask

# Sets `now`, in hundredths of a second since boot, without a process.
read_time() {
    read -r now _ </proc/uptime
    now=${now%.*}${now#*.}
}
