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
