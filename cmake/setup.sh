# What quickstart.sh, test.sh and .ci/run share: packages and the build. To be sourced with the
# project's root as working directory.

say() { printf '\n==> %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# packages_of STAGE...: the names in cmake/packages.txt.
packages_of() {
  local stage
  for stage in "$@"; do
    awk -v stage="$stage" '$1 == stage {print $2}' cmake/packages.txt
  done
}

# install_packages STAGE...: installs what is missing, after saying what that is.
install_packages() {
  local package missing=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    printf 'This is no Debian: nothing is installed for you. What is needed, by its Debian names:\n'
    packages_of "$@" | paste -sd ' '
    printf 'Install the like with your package manager, then call this with SUNDER_INSTALL=no.\n'
    [ "${SUNDER_INSTALL:-yes}" = no ] && return 0
    exit 69
  fi
  for package in $(packages_of "$@"); do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "${SUNDER_INSTALL:-yes}" = no ]; then
    printf 'Not installed, as SUNDER_INSTALL=no says: %s\n' "${missing[*]}"
    return 0
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      fail "as root, call: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  say "About to install with apt-get: ${missing[*]}"
  # A stale index is the usual reason for a failed download, so an update comes first.
  "${as_root[@]}" apt-get update -q || fail "apt-get update failed (see above)"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install: ${missing[*]}"
}

# build PRESET [TARGET...]: configures and builds; no target is everything.
build() {
  local preset=$1 folder=build
  shift
  [ "$preset" = default ] || folder=build-$preset
  say "Building ($preset, in $folder/)"
  cmake --preset "$preset" >"$folder.configure.log" 2>&1 ||
    { cat "$folder.configure.log"; rm -f "$folder.configure.log"; return 1; }
  rm -f "$folder.configure.log"
  ninja -C "$folder" "$@"
}
