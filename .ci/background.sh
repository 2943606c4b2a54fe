# Commands that run next to others, for the scripts here to source. Their output is printed whole, when they are waited for.

outputs=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || :; rm -rf "$outputs"' EXIT

# Runs a command in the background: start NAME COMMAND...
start() {
  "${@:2}" >"$outputs/$1" 2>&1 &
  printf '%d\n' $! >"$outputs/$1.pid"
}

# Waits for it, prints its output, and fails as it did: finish NAME
finish() {
  local code=0
  wait "$(cat "$outputs/$1.pid")" || code=$?
  cat "$outputs/$1"
  return "$code"
}
