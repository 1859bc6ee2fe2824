#!/bin/bash
# Chromium and Chinese fonts for the browser tests: the distribution's packages.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null && fc-list 2>/dev/null | grep -qi cjk; then exit 0; fi
done
if ! command -v apt-get >/dev/null; then
  echo "✗ 没有找到 Chromium 或中文字体，也没有 apt-get。请安装 chromium 和 Noto CJK 字体后再运行。" >&2
  exit 1
fi
sudo=(); [ "$(id -u)" = 0 ] || sudo=(sudo)
echo "正在安装 Chromium 和中文字体…"
"${sudo[@]}" apt-get update -q >/dev/null
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -q chromium fonts-noto-cjk fontconfig >/dev/null
