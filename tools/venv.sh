#!/bin/bash
# venv.sh FOLDER "VERSIONS" LOCK KIND: make a virtual environment from a lock file.
set -euo pipefail
folder=$1 versions=$2 lock=$3 kind=$4

find_python() {
  local version candidate
  for version in $versions; do
    for candidate in "python$version" "$(command -v pyenv >/dev/null && pyenv root)"/versions/"$version".*/bin/python \
        "/opt/python/$version/bin/python" "/usr/local/bin/python$version"; do
      # A python on the path can be a shim that fails: each candidate is run.
      if "$candidate" -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
        "$candidate" -c "import sys; print(sys.executable)"
        return
      fi
    done
    if command -v uv >/dev/null && uv python install "$version" >/dev/null 2>&1; then
      uv python find "$version" && return
    fi
  done
  echo "✗ 没有找到 Python ${versions// / 或 }。请先安装（例如 apt install python${versions%% *}-venv，或 pyenv install ${versions%% *}），再运行一次。" >&2
  return 1
}

python=$(find_python)
echo "正在用 $python 建立 $folder（首次约需几分钟）…"
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
pip=("$folder/bin/python" -m pip --disable-pip-version-check --quiet)
if [ "$kind" = main ]; then
  # torch first and by pip: it takes the CPU build where there is one.
  "${pip[@]}" install "$(grep -i '^torch==' "$lock" | cut -d+ -f1)"
  "${pip[@]}" install -r <(grep -vi '^torch==' "$lock")
  "${pip[@]}" install --no-deps --no-build-isolation -e .
else
  "${pip[@]}" install --no-deps -r "$lock"
fi
