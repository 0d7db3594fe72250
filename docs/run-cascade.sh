#!/usr/bin/env bash
# run-cascade.sh [DIR]: centre, province, district and commune on this machine,
# a server each, set up with the commands of cascade.md. Each prints the links
# of its own rooms. Ctrl-C stops all four. Run it from the project's directory,
# after `make build`, or use `make run-cascade`.
set -eu
giaoban=$PWD/bin/giaoban
dir=${1:-data/cascade}
mkdir -p "$dir" && cd "$dir"

cat >tree.csv <<'TREE'
code,parent,tier,name,points
tw,,Trung ương,Trung tâm,hg-01
02,tw,Tỉnh,Tỉnh Hà Giang,hg-02 hg-03
024,02,Huyện,H. Xín Mần,hg-11
00694,024,Xã,Xã Xín Mần,hg-16
TREE
"$giaoban" tree check tree.csv

# node CODE PARENT N: its configuration, on ports that end in N.
node() {
  mkdir -p "$1"
  {
    printf 'data: %s\nhttp: localhost:809%s\nhttps: ""\nmedia: {port: 1001%s}\ndemo: {points: 0}\nlog: {level: warn}\n' "$PWD/$1" "$3" "$3"
    printf 'node:\n  id: "%s"\n  file: %s\n  listen: localhost:845%s\n  parents: [%s]\n' "$1" "$PWD/tree.csv" "$3" "${2:+\"localhost:845$(($3 - 1))\"}"
  } >"$1/giaoban.yaml"
  if [ -n "$2" ]; then # each trusts the key of the other
    "$giaoban" node trust --data "$1" -- "$2" "$("$giaoban" node key --data "$2")" >/dev/null
    "$giaoban" node trust --data "$2" -- "$1" "$("$giaoban" node key --data "$1")" >/dev/null
  fi
}
node tw "" 0; node 02 tw 1; node 024 02 2; node 00694 024 3

started=()
stop() { kill -INT "${started[@]}" 2>/dev/null || true; wait; }
trap stop EXIT
trap 'exit 0' INT TERM
for code in tw 02 024 00694; do
  rm -f "$code/links.json"
  "$giaoban" serve --config "$code/giaoban.yaml" --links "$code/links.json" >"$code/out.txt" 2> >(sed "s/^/$code: /" >&2) &
  started+=($!)
  for _ in $(seq 100); do
    [ -e "$code/links.json" ] && break
    kill -0 $! 2>/dev/null || exit 1
    sleep 0.1
  done
  printf '\n=== %s ===\n' "$(grep "^$code," tree.csv | cut -d, -f3,4 | tr , ' ')"
  # One camera cannot be in four rooms: all but what is asked for show a test picture.
  grep --no-group-separator -A1 -E 'Console:|Chair:|\[hg-' "$code/out.txt" | sed '/room#t=/{/picture=/!s/$/\&picture=test/;}; s/^ *[0-9]\. /  /'
done
printf '\nAll four serve. Invite [hg-16] at the console of the centre: it is heard in every room. Ctrl-C stops.\n'
wait
