#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Writes the whole work as patches for git am on a clean 6.18.15: those of
# kernel/patches as they are, and new files in the groups that the messages in
# kernel/series name, all in the order of their numbers.
#
# usage: series.sh <directory>
. "$(dirname "$0")/lib.sh"
. "$top/scripts/overlay.sh"

out=${1-}
[ -n "$out" ] || die "say where the patches shall go: make series OUT=dir"
mkdir -p "$out"
out=$(realpath "$out")
[ -z "$(find "$out" -mindepth 1 ! -name '*.patch' -print -quit)" ] ||
	die "$out holds other things than patches"

base=$build/linux-$kernel_version
[ -d "$base" ] || KERNEL='' "$top/scripts/kernel-tree.sh"

# Just the files that we touch: git needs no others to make patches of them.
repo=$(mktemp -d)
trap 'rm -rf "$repo" "$repo.ours"' EXIT
overlay "$base" "$repo.ours"
(cd "$repo.ours" && find . -type f | sed 's,^\./,,') | while read -r f; do
	if [ -f "$base/$f" ]; then
		mkdir -p "$repo/$(dirname "$f")"
		cp "$base/$f" "$repo/$f"
	fi
done

# One identity and one date: the same sources give the same series.
identity=$(sed -n 's/^From: *//p' "$top"/kernel/patches/*.patch | head -n 1)
identity=${identity:-MPAM team <mpam@localhost.invalid>}
name=${identity%% <*} mail=${identity##*<}
export GIT_AUTHOR_NAME=${name//\"/} GIT_AUTHOR_EMAIL=${mail%>}
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_AUTHOR_DATE='2026-11-22T08:00:00Z' GIT_COMMITTER_DATE='2026-11-22T08:00:00Z'
export GIT_CONFIG_GLOBAL=/dev/null
sign="Signed-off-by: $GIT_AUTHOR_NAME <$GIT_AUTHOR_EMAIL>"

g() { git -C "$repo" -c core.autocrlf=false -c gc.auto=0 "$@"; }
g init -q
g add -A
g commit -q -m "Linux $kernel_version" --allow-empty
g tag base

mapfile -t steps < <(find "$top/kernel/patches" "$top/kernel/series" \
	\( -name '[0-9]*.patch' -o -name '[0-9]*.msg' \) -printf '%f\t%p\n' | sort | cut -f2)
for step in "${steps[@]}"; do
	case $step in
	*.patch)
		g am -q "$step" || die "${step#"$top"/} does not apply" ;;
	*.msg)
		read -ra files < <(sed -n 's/^Files: //p' "$step")
		n=0
		while read -r f; do
			for pattern in "${files[@]}"; do
				# shellcheck disable=SC2053  # a pattern indeed
				if [[ $f == $pattern ]] && ! cmp -s "$repo.ours/$f" "$repo/$f"; then
					mkdir -p "$repo/$(dirname "$f")"
					cp "$repo.ours/$f" "$repo/$f"
					n=$((n + 1))
					break
				fi
			done
		done < <({ our_files | cut -d' ' -f2; echo MAINTAINERS; } | sort)
		(( n )) || continue
		g add -A
		{ sed '/^Files: /d; s/^Subject: \[PATCH\] //' "$step"; echo; echo "$sign"; } |
			g commit -q -F - ;;
	esac
done

left=$(diff -rq -x .git "$repo" "$repo.ours" || :)
[ -z "$left" ] || die "the series does not add up to the tree: $left"
rm -f "$out"/*.patch
g format-patch -q --zero-commit --no-signature -o "$out" base
say SERIES "$(find "$out" -name '*.patch' | wc -l) patches in $out"
