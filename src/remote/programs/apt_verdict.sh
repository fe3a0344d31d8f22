# Why apt did not do what it was asked, by what it printed.
#
# Callers set `scratch`, where apt.log is, `proxy` and `wanted_packages`.
# shellcheck disable=SC2154,SC2034

# Keeps in `words` what apt and dpkg say themselves, without the programs of packages that they run.
keep_own_words() {
    sed -nE -e '/^(E|W|N): |^dpkg(-deb)?: /p' -e '/^(Err|Ign):[0-9]/{:l;p;n;/^(Err|Ign):[0-9]/bl;p;}' \
        -e '/^dpkg: error processing/{n;p;}' \
        "$scratch/apt.log" >"$scratch/words"
}

apt_said_so() {
    grep -qE "$1" "$scratch/words"
}

apt_words() {
    grep -m 1 -oE "$1" "$scratch/words"
}

# Prints the packages with which dpkg came to no end.
unfinished() {
    sed -nE '/^Errors were encountered/,/^[^ ]/{s/^ (.*\/apt-dpkg-install-[^/]*\/[0-9]+-|.*\/)?([^_]*).*/\2/p;}' "$scratch/apt.log"
}

# Says in `fault` what dpkg did not do with package $1, and why, in its own words.
blame_package() {
    dpkg_words=$(sed -n '/^dpkg: error processing/{n;s/^ *//p;q;}' "$scratch/apt.log")
    case $(apt_words '^dpkg: error processing [a-z]*( [^ ]+ \(--(remove|purge)\))?')/$dpkg_words in
        *" (--"*) fault="apt-stays $1 $dpkg_words" ;;
        *archive/*"', which is also in package "*)
            fault="apt-overwrites $1 $(printf '%s' "$dpkg_words" |
                sed -E "s/[^']*'(.*)', which is also in package ([^ ]*).*/\2 \1/")"
            ;;
        *archive/*) fault="apt-unpack $1 $dpkg_words" ;;
        *) fault="apt-dpkg $1 $dpkg_words" ;;
    esac
}

# Prints why dpkg did nothing at all.
dpkg_refusal() {
    sed -nE '/^dpkg: (unrecoverable fatal error, aborting|error):/,/^[EWN]: /{s/^dpkg: [^:]*: *//;/^[EWN]: /d;s/^ +//;/./p;}' \
        "$scratch/apt.log" | head -n 8 | paste -sd ' '
}

# Prints the command of others that apt was to run with the packages at hand, and that failed.
failed_script() {
    sed -n 's/^E: Failure running script //p' "$scratch/words" | grep -vF "$scratch/" | head -n 1
}

# By the words of apt or dpkg, or by what is left.
is_disk_full() {
    ! apt_said_so 'No space left on device|enough free space' || return 0
    for folder in /usr /var/lib/dpkg /var/cache/apt /tmp; do
        # shellcheck disable=SC2046 # numbers
        set -- $(stat -f -c '%b %f %S %c %d' "$folder" 2>/dev/null)
        [ $# -eq 5 ] || continue
        if { [ "$1" -gt 0 ] && [ "$(($2 * $3))" -lt 1048576 ]; } || { [ "$4" -gt 0 ] && [ "$5" -eq 0 ]; }; then
            return 0
        fi
    done
    return 1
}

# Whether one of apt's own proxies is among what did not answer, or answered in the place of a mirror; sets `apt_proxy` to
# it.
is_of_proxy() {
    [ "$proxy" = - ] || return 1
    apt_proxy=$(blamed_proxy "$(cat "$scratch/words")")
    [ -n "$apt_proxy" ]
}

# Prints `URL WORDS` of the first file in whose place apt was given something else: a refusal, a page, a loop, a certificate
# of somebody. What apt goes on to say of signatures is then of what it did not get.
answered_otherwise() {
    sed -nE '/^(Err|Ign):[0-9]+ /{
        $!N
        s/^[^ ]+ ([^ ]+) [^\n]*\n +((4(0[0-35-9]|[1-9][0-9])|5[0-9][0-9])  .*|Undetermined Error.*|Redirection loop.*|Clearsigned file.*|.*[Cc]ertificate verif.*|No system certificates.*)/\1 \2/p
        t
        D
    }' "$scratch/words" | sed 's/ *\[IP: .*//' | head -n 1
}

# Says in `fault` who gave apt `WORDS` instead of a file from a mirror; $1 is `URL WORDS`.
blame_answer() {
    apt_mirror=$(printf '%s' "$1" | grep -m 1 -oE '^[a-z+]+://[^/ ]+')
    if [ "$proxy" != - ]; then
        fault="apt-relay $apt_mirror: ${1#* }"
    elif printf '%s' "$1" | grep -q ertificate; then
        fault="apt-certificate $apt_mirror ${1#* }"
    elif is_of_proxy; then
        fault="apt-proxy $apt_proxy ${1#* }"
    else
        case ${1#* } in
            [45]*) fault="apt-refused $apt_mirror ${1#* }" ;;
            *) fault="apt-portal $apt_mirror ${1#* }" ;;
        esac
    fi
}

# Prints the packages on hold that apt names.
held_in_the_way() {
    apt-mark showhold 2>/dev/null | while IFS= read -r held_name; do
        ! grep -qwF -e "$held_name" "$scratch/apt.log" || printf '%s ' "$held_name"
    done
}

# Prints `PACKAGE LINE` of the first dependency that apt says it cannot meet.
first_unmet() {
    unmet=$(grep -m 1 -oE '[^ ]+ :? ?(Pre-?)?Depends:? .*' "$scratch/apt.log")
    unmet_name=${unmet#*Depends}
    unmet_name=${unmet_name#:}
    unmet_name=${unmet_name# }
    printf '%s %s\n' "${unmet_name%%[ :]*}" "$unmet"
}

# Sets `fault` from what apt printed; dpkg's own verdict comes before whatever else stands there.
explain_apt() {
    tail -n 40 "$scratch/apt.log"
    keep_own_words
    apt_mirror=$(apt_words "https?://[^/ ']+")
    apt_unfinished=$(unfinished | tr '\n' ' ')
    apt_refusal=$(dpkg_refusal)
    apt_script=$(failed_script)
    apt_answer=$(answered_otherwise)
    if apt_said_so '503 provision hung up'; then
        fault=interrupted
    elif [ -s "$scratch/takes" ]; then
        read -r _ apt_name _ <"$scratch/removable"
        fault="apt-takes $apt_name $(tr '\n' ' ' <"$scratch/takes")"
    elif apt_said_so '^E: stopped after' && [ -s "$scratch/hook" ]; then
        fault="apt-hung $(cat "$scratch/hook")"
    elif apt_said_so 'remove is disabled'; then
        # shellcheck disable=SC2086 # a list of names
        fault="apt-removes $(removals $wanted_packages | tr '\n' ' ')"
        # Those of every system.
        case $fault in "apt-removes ! "*) fault="apt-failed ${fault#apt-removes ! }" ;; esac
    elif is_disk_full; then
        fault=apt-disk-full
    elif apt_said_so 'Read-only file system'; then
        fault=apt-read-only
    elif grep -qE '^dpkg \(subprocess\): unable to execute .* script .*: Permission denied' "$scratch/apt.log"; then
        fault="apt-barred /var/lib/dpkg"
    elif [ -n "$apt_unfinished" ]; then
        blame_package "${apt_unfinished%% *}"
    elif [ -n "$apt_refusal" ]; then
        fault="apt-fatal $apt_refusal"
    elif apt_said_so 'Problem executing scripts'; then
        fault="apt-hook $(apt_words 'scripts .*' | cut -d ' ' -f 2-)"
    elif [ -n "$apt_script" ]; then
        fault="apt-hook DPkg::Pre-Install-Pkgs $apt_script"
    elif apt_said_so "Couldn't create temporary file"; then
        fault=apt-closed-tmp
    elif apt_said_so 'sources could not be read|E: (Malformed|Syntax error|Conflicting values)|is not known on line'; then
        fault="apt-sources $(apt_words '^E: .*')"
    elif apt_said_so 'Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock'; then
        fault="apt-locked $(apt_words 'held by process [0-9]+ \([^)]*\)')"
    elif apt_said_so 'is not valid yet'; then
        fault="apt-clock $(apt_words 'invalid for another [^)]*')"
    elif apt_said_so 'is expired|Release file .* expired'; then
        fault="apt-expired $apt_mirror"
    elif apt_said_so '404 ' && apt_said_so 'does not have a Release file'; then
        fault="apt-release $(sed -nE "s/.*The repository '([^ ]+) ([^ ]+) Release' does not have.*/\1 \2/p" "$scratch/words" | head -n 1)"
    elif [ "$proxy" != - ] && apt_said_so ' provision: ' && ! apt_said_so 'NO_PUBKEY|BADSIG'; then
        # The relay's own words, as apt repeats them; what it calls unsigned then is what it did not get.
        fault="apt-relay $(apt_words ' provision: [^[]*' | cut -c 13-)"
    elif [ -n "$apt_answer" ]; then
        blame_answer "$apt_answer"
    elif apt_said_so 'NO_PUBKEY|BADSIG|EXPKEYSIG|REVKEYSIG|is not signed|no longer signed|signatures (were|couldn)|cannot be authenticated'; then
        fault="apt-unsigned $apt_mirror"
        # shellcheck disable=SC2046 # paths
        key=$(named_keys $(grep -lsF -e "$apt_mirror" /etc/apt/sources.list /etc/apt/sources.list.d/*) | head -n 1)
        if [ -n "$key" ] && apt_said_so NO_PUBKEY; then
            fault="apt-named $key"
        fi
        # shellcheck disable=SC2046 # paths
        key=$(closed_keys /etc/apt/trusted.gpg.d/* $(named_keys /etc/apt/sources.list /etc/apt/sources.list.d/*) | head -n 1)
        [ ! -e "$key" ] || fault="apt-key $key"
    elif apt_said_so 'Hash Sum mismatch|unexpected size|Mirror sync in progress'; then
        fault="apt-hash $apt_mirror"
    elif apt_said_so 'Held packages|held broken packages|Unable to satisfy dependencies'; then
        fault="apt-depends $(first_unmet)"
        held=$(held_in_the_way)
        [ -z "$held" ] || fault="apt-held ${held% }"
    elif apt_said_so 'dpkg was interrupted'; then
        fault=apt-interrupted
    elif apt_said_so 'Temporary failure|Could not (resolve|connect)|Connection (failed|timed out|refused|reset)|Network is unreachable|Unable to connect|No route to host|Proxy'; then
        if is_of_proxy; then
            fault="apt-proxy $apt_proxy"
        elif apt_said_so 'Temporary failure|Could not resolve'; then
            fault="apt-resolve $apt_mirror"
        else
            fault="apt-mirror $apt_mirror"
        fi
    elif apt_said_so '^E: stopped after'; then
        fault=apt-timeout
    elif apt_said_so '^E: apt-get was killed'; then
        fault=apt-killed
    elif apt_said_so 'Unable to locate package|has no installation candidate'; then
        apt_name=$(apt_words "(locate package |Package ')[^ ']+" | sed "s/.*[ ']//")
        if is_forbidden "$apt_name"; then
            fault="apt-forbidden $apt_name"
        else
            fault="apt-unknown $apt_name"
        fi
    elif apt_said_so '404 '; then
        fault="apt-stale $apt_mirror"
    elif apt_said_so 'nmet dependencies|fix-broken'; then
        fault="apt-unmet $(first_unmet)"
    elif apt_said_so 'dpkg returned an error|subprocess returned error'; then
        fault=apt-dpkg
    elif apt_said_so '^E: Failed to fetch'; then
        fault="apt-fetch $(apt_words '^E: Failed to fetch.*')"
    elif apt_said_so '^E: '; then
        fault="apt-failed $(apt_words '^E: .*')"
    else
        # It may be none of apt's.
        apt_program=$(command -v apt-get)
        fault="apt-failed $(grep . "$scratch/apt.log" | tail -n 1 | cut -b 1-300)"
        case $apt_program in
            /usr/bin/apt-get | /bin/apt-get) ;;
            *) fault="apt-replaced $apt_program ${fault#apt-failed }" ;;
        esac
    fi
}
