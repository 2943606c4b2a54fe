# Commands that run next to others, for the scripts here to source. Their output is printed whole, when they are waited for.

outputs=$(mktemp -d)
trap 'for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || :; done; rm -rf "$outputs"' EXIT

# Runs a command in the background, with a process group of its own: start NAME COMMAND...
start() {
  set -m
  "${@:2}" </dev/null >"$outputs/$1" 2>&1 &
  set +m
  printf '%d\n' $! >"$outputs/$1.pid"
}

# Waits for it, prints its output, and fails as it did: finish NAME
finish() {
  local code=0
  wait "$(cat "$outputs/$1.pid")" || code=$?
  cat "$outputs/$1"
  return "$code"
}
