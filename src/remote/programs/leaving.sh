# Which packages of ours go when some are no longer wanted, in the programs that look and in those that change. Follows
# removals.sh and roots.sh.
# shellcheck disable=SC2154,SC2034

# Prints those words of $1 that are among $2.
among() {
    for among_word in $1; do
        case " $2 " in *" $among_word "*) printf '%s ' "$among_word" ;; esac
    done
}

# Prints those words of $1 that are not among $2.
without() {
    for among_word in $1; do
        case " $2 " in *" $among_word "*) ;; *) printf '%s ' "$among_word" ;; esac
    done
}

# Sets `native`, `installed` to what is installed, and `needs` to what that needs, a line for each: the package, what it
# provides, and what it needs in all alternatives. Apt would say the same, and take seconds each time.
read_installed() {
    find_native || return 1
    # shellcheck disable=SC2016 # dpkg-query expands it
    ask_dpkg -W -f '${db:Status-Status} ${Package} ${Architecture}: ${Provides}; ${Pre-Depends}, ${Depends}\n' || return 1
    needs=$(printf '%s\n' "$told" | sed -E "/^(not-installed|config-files) /d;s/^[^ ]+ //;s/ ($native|all): /: /
            s/^([^ ]+) ([^ ]+): /\1:\2: /;s/\([^)]*\)//g;s/:(any|native)//g;s/[,|]/ /g;s/ +/ /g")
    installed=$(printf '%s\n' "$needs" | sed 's/: .*//' | tr '\n' ' ')
    case " $installed" in
        *" dpkg "*) ;;
        *)
            fault="dpkg-unreadable $(dpkg-query -W dpkg 2>&1 | tr '\n' ' ')"
            return 1
            ;;
    esac
}

# Prints the installed ones of all that $@ need, at any depth, and these.
needs_of() {
    printf '%s\n' "$needs" | awk -v asked="$*" '
        {
            split($0, halves, ";")
            name = $1
            sub(/:$/, "", name)
            needs[name] = halves[2]
            provides = halves[1]
            sub(/^[^ ]*/, "", provides)
            count = split(provides, given, " ")
            for (at = 1; at <= count; at++) providers[given[at]] = providers[given[at]] " " name
        }
        END {
            open = split(asked, queue, " ")
            for (at = 1; at <= open; at++) {
                count = split(queue[at] providers[queue[at]], found, " ")
                for (one = 1; one <= count; one++) {
                    name = found[one]
                    if (!(name in needs) || name in told) continue
                    told[name] = 1
                    printf "%s ", name
                    more = split(needs[name], wanted, " ")
                    for (next_one = 1; next_one <= more; next_one++) queue[++open] = wanted[next_one]
                }
            }
        }'
}

# Sets `beyond` to what is going to be removed with $@ that is not among `candidates`; fails where apt does not tell.
find_beyond() {
    simulate remove "$@" || {
        words=$(printf '%s\n' "$simulated" | grep -m 1 '^E: ')
        fault="apt-failed ${words:-apt-get -s remove $*}"
        return 1
    }
    beyond=$(without "$(printf '%s\n' "$removed" | sed "s/:$native\$//" | tr '\n' ' ')" "$candidates")
}

# For packages $@ that are no longer wanted, with `added`, which are ours, and `staying`, which are wanted: sets `needed`
# to those of $@ that what is wanted needs, `leaving` to all that goes with the others since it came with them alone,
# and `foreign` to what is not ours and would go, too. Then nothing is to go. Fails where dpkg or apt does not tell.
# shellcheck disable=SC2046,SC2086 # lists of names
plan_removal() {
    needed='' leaving='' foreign=''
    read_installed || return 1
    set -- $(printf '%s ' "$@" | sed "s/:$native / /g")
    ours=$(among "$(printf '%s ' $added | sed "s/:$native / /g")" "$installed")
    going=$(among "$*" "$ours")
    staying_needs=$(needs_of $staying)
    needed=$(among "$going" "$staying_needs")
    going=$(without "$going" "$staying_needs")
    [ -n "$going" ] || return 0
    candidates=$(among "$(needs_of $going)" "$(among "$ours" "$(automatic_packages)")")
    candidates=$going$(without "$candidates" "$going $staying_needs")
    find_beyond $candidates || return 1
    if [ -n "$beyond" ]; then
        needing=$beyond
        find_beyond $going || return 1
        foreign=$beyond
        candidates=$going$(without "$candidates" "$going $(needs_of $needing)")
        if [ -z "$foreign" ]; then
            find_beyond $candidates || return 1
            [ -z "$beyond" ] || candidates=$going
        fi
    fi
    leaving=$candidates
}
