# What apt knows of its sources and their lists, in the programs that look and in those that change.

have_lists() {
    for list in /var/lib/apt/lists/*_Packages*; do
        [ ! -e "$list" ] || return 0
    done
    return 1
}

# Prints the files of apt's sources, without the cache that it would write meanwhile.
index_targets() {
    timeout 10 apt-get -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= indextargets "$@"
}

# Prints the keys that the sources in files $@ name.
named_keys() {
    [ $# -eq 0 ] || sed -nE '/^ *#/d;s/.*[Ss]igned-[Bb]y[=:] *([^] ]*).*/\1/p' "$@" 2>/dev/null | tr , '\n' | grep '^/'
}

# Prints those of the keys $@ that apt's own user cannot read: apt goes on as if they were not there.
closed_keys() {
    # shellcheck disable=SC2016 # that shell expands it
    setpriv --reuid _apt --regid nogroup --clear-groups sh -c 'for key; do [ -r "$key" ] || echo "$key"; done' \
        keys "$@" 2>/dev/null
}
