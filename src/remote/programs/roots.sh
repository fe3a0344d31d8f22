# The packages that were asked for among those that we added, in the programs that look and in those that change.
#
# Callers set `journal`.
# shellcheck disable=SC2154

# Prints `PACKAGE` for each of them, with the inventory that asked as in `maker`, where that is known. In a journal of
# version 0.1 they are those that apt takes for nobody's dependency.
root_packages() {
    if [ -e "$journal/entries/packages/roots" ]; then
        while IFS= read -r root; do printf '%s\n' "$root"; done <"$journal/entries/packages/roots"
    elif [ -e "$journal/entries/packages/record" ] && [ -s /var/lib/apt/extended_states ]; then
        # Later versions note who asked for an entry. Where they do, the list was lost, and nobody knows.
        for root in "$journal"/entries/*/inventory; do
            [ ! -e "$root" ] || return 0
        done
        read -r _ _ _ _ _ added <"$journal/entries/packages/record"
        automatic=" $(automatic_packages) "
        for root in $added; do
            case $automatic in *" ${root%:*} "*) ;; *) printf '%s\n' "$root" ;; esac
        done
    fi
}

# Prints the packages that apt takes for dependencies.
automatic_packages() {
    sed -n '/^Package: /h;/^Auto-Installed: 1/{x;s/^Package: //p;}' /var/lib/apt/extended_states 2>/dev/null | tr '\n' ' '
}
