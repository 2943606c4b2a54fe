#!/bin/sh
# Bad: exits without an answer, and a child process answers later.
while IFS= read -r line; do
  case $line in
    *'"type":"hello"'*)
      echo '{"type":"hello","protocol":1,"implementation":{"name":"late","version":"1"},"specVersions":["1.0"],"operations":["fsverity.digest","dumpfile.canonical"],"features":[]}'
      ;;
    *'"type":"run"'*)
      id=$(printf '%s' "$line" | sed 's/.*"id":"\([^"]*\)".*/\1/')
      (sleep 0.2; echo '{"type":"done","id":"'"$id"'","status":"rejected","stage":"dumpfile"}') &
      exit 0
      ;;
    *) exit 0 ;;
  esac
done
