# Sourced by fetch-library and fetch-peers, so that the library and the interpreter it is compared with are always one
# release. Needs: tools, cache. Sets: source_library, source_version, source_wheels, source_python ("" when it still
# has to be made runnable from $cache/cpython/root).
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
  mkdir -p "$cache"
  exec 8>"$cache/lock"; flock 8
  [[ -d $cache/cpython/root && $cache/cpython/versions -nt $tools/fetch-packages ]] ||
    "$tools/fetch-packages" "$cache/cpython" python3.14 libpython3.14-stdlib libpython3.14-minimal \
      libpython3.14-testsuite python3.14-venv
  exec 8>&-
  source_python=
  source_library=$cache/cpython/root/usr/lib/python3.14
  source_wheels=$cache/cpython/root/usr/share/python-wheels
  source_version="$(awk '$1 == "libpython3.14-stdlib" { print $2 }' "$cache/cpython/versions") (Debian $(cat "$cache/cpython/suite"))"
}
