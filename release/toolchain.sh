# shellcheck shell=sh
# What compiles for other systems than this one: zig as the compiler of C and as the linker, from PyPI; and the standard
# library of Rust for each target, by rustup. Where rustup gets none (a Rust of a distribution, a closed network), the
# Rust of Debian unstable compiles it from its own source, in a folder of its own, which takes root.
# Read by the programs beside it, at the top of the repository.

tools=$PWD/target/tools
unstable=$PWD/target/unstable
CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
CARGO_TARGET_DIR=$PWD/target
export CARGO_HOME CARGO_TARGET_DIR PATH="$tools/bin:$PATH"

say() { printf '%s: %s\n' "$0" "$1" >&2; }

zig() {
    [ -x "$tools/bin/pip" ] || python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet ziglang==0.17.1 cargo-zigbuild==0.24.1
    CARGO_ZIGBUILD_ZIG_PATH=$("$tools/bin/python3" -c 'import ziglang; print(ziglang.__path__[0] + "/zig")')
    export CARGO_ZIGBUILD_ZIG_PATH
}

# `with_std TARGET COMMAND...`: a command of cargo with the standard library of a target.
with_std() {
    target=$1
    shift
    cargo fetch --locked --quiet
    if std_of "$target"; then
        "$@"
    else
        say "rustup has no standard library for $target here: Debian's Rust makes one"
        [ -d "$unstable" ] || make_unstable
        # The folder has no way out of its own. Only a nightly cargo reads the manifest of the library.
        RUSTC_BOOTSTRAP=1 cargo fetch --locked --quiet --manifest-path "$unstable/usr/lib/rustlib/src/rust/library/Cargo.toml"
        in_unstable "$@" -Zbuild-std --offline
    fi
}

std_of() {
    [ "$(rustc --print host-tuple)" != "$1" ] || return 0
    command -v rustup >/dev/null || return 1
    rustup target list --installed | grep -qx "$1" || timeout 120 rustup target add "$1" >/dev/null 2>&1
}

# `in_unstable COMMAND...`: runs a command here, with the programs of Debian unstable.
in_unstable() {
    # shellcheck disable=SC2016 # the inner shell expands them
    unshare --mount --propagation private sh -eu -c '
        root=$1 here=$2 registry=$3 path=$4 zig=$5
        shift 5
        mkdir -p "$root$here" "$root$registry"
        mount --rbind /dev "$root/dev"
        mount -t proc proc "$root/proc"
        mount --bind "$here" "$root$here"
        mount --bind "$registry" "$root$registry"
        # The nightly switch of cargo is needed for the standard library alone.
        exec chroot "$root" env -i PATH="$path" HOME=/tmp CARGO_HOME="${registry%/registry}" RUSTC_BOOTSTRAP=1 \
            CARGO_TERM_COLOR=never CARGO_TARGET_DIR="$here/target" CARGO_ZIGBUILD_ZIG_PATH="$zig" RUSTFLAGS="${RUSTFLAGS-}" \
            env -C "$here" "$@"
    ' sh "$unstable" "$PWD" "$CARGO_HOME/registry" "$tools/bin:/usr/bin:/bin" "${CARGO_ZIGBUILD_ZIG_PATH-}" "$@"
}

make_unstable() {
    command -v mmdebstrap >/dev/null || apt-get install -y -qq --no-install-recommends mmdebstrap >&2
    # What this machine's apt needs to reach mirrors, that of the folder needs as well.
    apt-config dump --format '%f "%v";%n' Acquire | grep -E '^Acquire::(Check-|https?::Proxy)' >"$unstable.apt" || :
    rm -rf --one-file-system "$unstable.draft"
    mmdebstrap --quiet --variant=essential --aptopt="$unstable.apt" --aptopt='APT::Install-Recommends "false"' \
        --include=cargo,rustc,rust-src unstable "$unstable.draft" http://deb.debian.org/debian >&2
    mv "$unstable.draft" "$unstable"
}
