# Sourced by fetch-library and fetch-peers, so that the library and the interpreter it is compared with are always one
# release. Needs: tools, cache. Sets: source_library, source_version, source_wheels, source_python.

# fetch_root NAME BINARY PACKAGE...: $cache/NAME/root with a BINARY that uses that root's own loader and C library.
fetch_root() {
  local at=$cache/$1 binary=$2 loader libraries; shift 2
  mkdir -p "$cache"
  exec 8>"$cache/lock"; flock 8
  if [[ ! -e $at/.complete ]]; then
    "$tools/fetch-packages" "$at" "$@"
    binary=$(echo "$at"/root/usr/bin/$binary)
    loader=$(basename "$(patchelf --print-interpreter "$binary")")
    libraries=$(dirname "$(find "$at/root/usr/lib" -name "$loader" -print -quit)")
    patchelf --set-interpreter "$libraries/$loader" --force-rpath --set-rpath "$libraries" "$binary"
    touch "$at/.complete"
  fi
  exec 8>&-
}

find_python_source() {
  local installed
  source_wheels=
  if installed=$(command -v python3.14) &&
     source_library=$("$installed" -I -c 'import sysconfig; print(sysconfig.get_path("stdlib"))' 2>/dev/null) &&
     [[ -e $source_library/os.py ]]; then
    source_python=$installed
    source_version=$("$installed" -I -c 'import platform; print(platform.python_version(), "(installed)")')
    [[ ! -d /usr/share/python-wheels ]] || source_wheels=/usr/share/python-wheels
    return
  fi
  fetch_root cpython python3.14 python3.14 libpython3.14-stdlib libpython3.14-minimal libpython3.14-testsuite \
    python3.14-venv
  source_python=$cache/cpython/root/usr/bin/python3.14
  source_library=$cache/cpython/root/usr/lib/python3.14
  source_wheels=$cache/cpython/root/usr/share/python-wheels
  source_version="$(awk '$1 == "libpython3.14-stdlib" { print $2 }' "$cache/cpython/versions") (Debian $(cat "$cache/cpython/suite"))"
}
