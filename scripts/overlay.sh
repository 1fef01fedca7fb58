# SPDX-License-Identifier: GPL-2.0-only
# Which files of a kernel tree are ours, and what is in them. Sourced after
# lib.sh by everything that puts the driver into a tree.
#
# An overlay is a directory that holds just the files that differ from the
# tree they were made for; it is made whole in scratch space, so nothing is
# half applied when a patch fails.

patches_in() { find "$1" -maxdepth 1 -name '[0-9][0-9][0-9][0-9]-*.patch' 2>/dev/null | sort; }

files_of_patches() {
	local p
	for p; do sed -n 's,^\(---\|+++\) [ab]/\([^[:space:]]*\).*,\2,p' "$p"; done | sort -u
}

# New files as "<our path> <path in a kernel tree>" lines.
our_files() {
	(
		cd "$top"
		shopt -s nullglob
		for f in *.c *.h Kconfig Makefile .kunitconfig; do
			if [ -f "$f" ]; then echo "$f drivers/resctrl/mpam/$f"; fi
		done
		if [ -d kernel/new ]; then
			find kernel/new -type f | sed 's,^kernel/new/\(.*\),& \1,'
		fi
		find Documentation -type f | sed 's,.*,& &,'
		find selftests -type f \( -name '*.[chS]' -o -name Makefile -o -name config -o -name settings \) |
			sed 's,^selftests/\(.*\),& tools/testing/selftests/arm64/mpam/\1,'
	)
}

# Our Makefile has a half for the kernel's build and one for people.
kbuild_half() {
	sed '/^ifneq/d; /^else$/,$d' |
		awk 'NF { if (gap) print ""; print; gap = 0; next } { gap = 1 }'
}

# maintainers <file>: inserts our entry at its place in the alphabet.
maintainers() {
	local title
	title=$(head -n 1 "$top/MAINTAINERS")
	LC_ALL=C awk -v entry="$top/MAINTAINERS" -v title="$title" '
		function ours(  l) { while ((getline l < entry) > 0) print l; print "" }
		$0 == title			{ drop = 1; next }
		drop && $0 != ""		{ next }
		drop				{ drop = 0; next }
		list && !done && blank && /^[A-Z0-9]/ && $0 > title {
			ours()
			done = 1
		}
		/^Maintainers List$/		{ list = 1 }
						{ blank = $0 == ""; print }
		END { if (!done) ours() }
	' "$1" >"$1.new"
	mv "$1.new" "$1"
}

# overlay <tree> <dir>: what <tree> looks like with our work in it. Patches that
# are already in the tree, as a whole or as an earlier version that was recorded
# there, are taken out first: doing it twice gives the same.
overlay() {
	local tree=$1 dir=$2 f p from to recorded=$1/drivers/resctrl/mpam/.applied
	local patches old=()
	mapfile -t patches < <(patches_in "$top/kernel/patches")
	[ -d "$recorded" ] && mapfile -t old < <(patches_in "$recorded")
	(( ${#old[@]} )) || old=("${patches[@]}")

	rm -rf "$dir"
	mkdir -p "$dir"
	while read -r f; do
		if [ -f "$tree/$f" ]; then
			mkdir -p "$dir/$(dirname "$f")"
			cp -p "$tree/$f" "$dir/$f"
		fi
	done < <(files_of_patches "${old[@]}" "${patches[@]}"; echo MAINTAINERS)

	for (( i = ${#old[@]} - 1; i >= 0; i-- )); do
		if patch -d "$dir" -p1 -R -s -f -F0 --dry-run <"${old[i]}" >/dev/null 2>&1; then
			patch -d "$dir" -p1 -R -s -f -F0 <"${old[i]}"
		fi
	done
	for p in "${patches[@]}"; do
		patch -d "$dir" -p1 -s -f --no-backup-if-mismatch <"$p" >"$build/log/patch.log" 2>&1 ||
			{ cat "$build/log/patch.log" >&2; die "${p#"$top"/} does not apply to $tree"; }
	done
	maintainers "$dir/MAINTAINERS"
	while read -r from to; do
		mkdir -p "$dir/$(dirname "$to")"
		case $from in
		Makefile)	kbuild_half <"$top/$from" >"$dir/$to" ;;
		*)		cp "$top/$from" "$dir/$to" ;;
		esac
	done < <(our_files)
}

# put <from> <to>: replaces a file only when it changes, and never writes
# through a hard link.
put() {
	cmp -s "$1" "$2" && return 1
	mkdir -p "$(dirname "$2")"
	cp "$1" "$2.tmp.$$"
	mv "$2.tmp.$$" "$2"
}
