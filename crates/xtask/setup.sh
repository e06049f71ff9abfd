#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks. Prints nothing when all is there.
#
#   setup.sh build   a Rust toolchain with the wasm target, npm tools
#   setup.sh test    the same, plus Chromium and the tools the tests call
#
# It leaves the chosen toolchain's name in $TOOLCHAIN_FILE; the task runner (./crates/xtask/x) reads it.
set -euo pipefail
purpose=${1:?build or test}
root=$(cd "$(dirname "$0")/../.." && pwd)
TOOLCHAIN_FILE=${TOOLCHAIN_FILE:-$root/target/toolchain}
mkdir -p "$(dirname "$TOOLCHAIN_FILE")"

say() { printf '\033[1msetup\033[0m %s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

apt_updated=
apt_install() {
  command -v apt-get >/dev/null || fail "please install these packages with your system's package manager: $*"
  if [ -z "$apt_updated" ]; then as_root apt-get update -qq || true; apt_updated=1; fi
  say "installing Debian packages: $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# The wasm standard library must be made by the very compiler that uses it. The normal way is rustup; where its
# server is out of reach, Debian's security archive has a compiler together with its library's source.
debian_toolchain=debian-web
# Remembers that rustup's server did not answer, so that later calls do not wait for it again.
rustup_failed=$(dirname "$TOOLCHAIN_FILE")/.rustup-unreachable

has_wasm() {
  local sysroot
  sysroot=$(RUSTUP_TOOLCHAIN=$1 rustc --print sysroot 2>/dev/null) || return 1
  compgen -G "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib" >/dev/null
}

toolchain() {
  command -v rustup >/dev/null || fail "rustup is missing; see https://rustup.rs, then call this again"
  local default
  default=$(rustup show active-toolchain 2>/dev/null | cut -d' ' -f1) || true
  if [ -n "$default" ] && has_wasm "$default"; then echo "$default"; return; fi
  if has_wasm "$debian_toolchain"; then echo "$debian_toolchain"; return; fi
  if [ -n "$default" ] && [ ! -e "$rustup_failed" ]; then
    say "adding the wasm target to $default"
    if timeout 90 rustup target add wasm32-unknown-unknown >/dev/null 2>&1 && has_wasm "$default"; then
      rustup component add clippy rustfmt >&2 || true
      echo "$default"; return
    fi
    touch "$rustup_failed"
  fi
  say "rustup's server cannot be reached; taking Debian's compiler and building the wasm library with it"
  debian_wasm
  echo "$debian_toolchain"
}

debian_wasm() {
  apt_install rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web rust-web-llvm lld-22 >&2
  local library work target
  library=$(readlink -f /usr/lib/rustlib/src/rust/library)
  work=$(mktemp -d)
  mkdir -p "$work/.cargo" "$work/src"
  # A crate that is nothing itself and pulls the standard library in as ordinary dependencies.
  printf '#![feature(no_core)]\n#![no_core]\n' >"$work/src/lib.rs"
  cp "$library/Cargo.lock" "$work/"
  cat >"$work/Cargo.toml" <<TOML
[package]
name = "wasm-sysroot"
version = "0.0.0"
edition = "2024"
[dependencies]
std = { path = "$library/std", default-features = false, features = ["panic-unwind"] }
proc_macro = { path = "$library/proc_macro" }
[patch.crates-io]
rustc-std-workspace-core = { path = "$library/rustc-std-workspace-core" }
rustc-std-workspace-alloc = { path = "$library/rustc-std-workspace-alloc" }
rustc-std-workspace-std = { path = "$library/rustc-std-workspace-std" }
compiler_builtins = { path = "$library/compiler-builtins/compiler-builtins" }
[profile.release]
debug = 0
TOML
  cat >"$work/.cargo/config.toml" <<TOML
[source.crates-io]
replace-with = "vendored"
[source.vendored]
directory = "$library/vendor"
TOML
  (
    cd "$work"
    unset CARGO_TARGET_DIR RUSTUP_TOOLCHAIN
    RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc __CARGO_DEFAULT_LIB_METADATA=stablestd \
      RUSTFLAGS="-Zforce-unstable-if-unmarked -Cembed-bitcode=yes" \
      /usr/bin/cargo build --quiet --release --target wasm32-unknown-unknown >&2
  )
  target=/usr/lib/rustlib/wasm32-unknown-unknown/lib
  as_root mkdir -p "$target"
  rm -f "$work"/target/wasm32-unknown-unknown/release/deps/libwasm_sysroot*
  as_root cp "$work"/target/wasm32-unknown-unknown/release/deps/*.rlib "$target/"
  rm -rf "$work"
  rustup toolchain link "$debian_toolchain" /usr >&2
}

command -v cc >/dev/null || apt_install gcc libc6-dev
command -v npm >/dev/null || apt_install nodejs npm
chosen=$(toolchain)
# Written only on change: its time stamp is an input of the build.
[ "$(cat "$TOOLCHAIN_FILE" 2>/dev/null)" = "$chosen" ] || echo "$chosen" >"$TOOLCHAIN_FILE"

# Only when the lock changed since the last time. Not `npm ci`: some versions of npm refuse a lock file that
# leaves out the optional packages of other platforms, and all versions here are exact anyway.
npm_stamp=$root/end2end/node_modules/.installed
if ! cmp -s "$root/end2end/package-lock.json" "$npm_stamp"; then
  say "installing npm packages"
  (cd "$root/end2end" && npm install --no-save --silent --no-audit --no-fund --ignore-scripts)
  cp "$root/end2end/package-lock.json" "$npm_stamp"
fi

if [ "$purpose" = test ]; then
  missing=()
  command -v "${CHROMIUM:-chromium}" >/dev/null || missing+=(chromium)
  fc-list 2>/dev/null | grep -qi 'noto sans cjk\|wqy' || missing+=(fontconfig fonts-noto-cjk)
  command -v curl >/dev/null || missing+=(curl)
  command -v h2load >/dev/null || missing+=(nghttp2-client)
  command -v wrk >/dev/null || missing+=(wrk)
  # Network namespaces are the machines of some tests, with clients in them.
  command -v ip >/dev/null || missing+=(iproute2)
  command -v dig >/dev/null || missing+=(bind9-dnsutils)
  # Makes certificates for tests; and an ACME server, with the DNS that it asks (both of one package).
  command -v openssl >/dev/null || missing+=(openssl)
  command -v pebble >/dev/null && command -v pebble-challtestsrv >/dev/null || missing+=(pebble)
  # libFuzzer is C++.
  command -v c++ >/dev/null || missing+=(g++)
  # Official clients from PyPI are among the tests; without pip they would be skipped.
  python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"

  # Docker Engine and Podman, with what they need to run by hand, and a registry. Their tests say SKIPPED where these
  # cannot be installed, so this may fail.
  engines=()
  command -v dockerd >/dev/null && command -v docker >/dev/null || engines+=(docker.io)
  command -v podman >/dev/null || engines+=(podman)
  for program in containerd runc conmon iptables docker-registry; do
    command -v "$program" >/dev/null || engines+=("$program")
  done
  [ -e /usr/lib/podman/netavark ] || engines+=(netavark)
  [ -e /usr/libexec/podman/catatonit ] || command -v catatonit >/dev/null || engines+=(catatonit)
  if [ ${#engines[@]} != 0 ]; then
    (apt_install "${engines[@]}") || say "containers cannot be tested here: the packages cannot be installed"
  fi
fi
