# Where a service's own programs are looked for, in the programs that check its files.

# PATH for what a service does itself: units start what came with a package, whatever lies before it in /usr/local.
packaged() {
    printf '%s' "$PATH" | sed -E ':a;s,(^|:)/usr/local/s?bin/?(:|$),\1,;ta;s/:$//'
}
