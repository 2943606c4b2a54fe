#!/bin/sh
# An adapter for the composefs-oci conformance suite. Requests come on stdin, answers go to stdout, one JSON object a line.
# Text for people goes to stderr. conformance/README.md of the suite describes the protocol.

# Prints the value of one string member of $line. This works because the runner writes JSON without spaces, and the
# values of these members contain no quotes or backslashes. An adapter that needs more should use a JSON parser.
field() { printf '%s\n' "$line" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
answer() { printf '{"type":"done","id":"%s",%s}\n' "$(field id)" "$1"; }

# The three kinds of answers. A rejection says that the input is wrong; an error, that something else failed.
accept() { answer '"status":"ok","values":{"digest":"'"$1"'"}'; }
reject() { answer '"status":"rejected","stage":"'"$1"'","reason":"'"$2"'"'; }
failed() { answer '"status":"error","message":"'"$1"'"'; }

# Declare only what your implementation can do: everything else is not tested.
hello='{"type":"hello","protocol":1,"implementation":{"name":"my-tool","version":"0.1.0","language":"sh"},"specVersions":["1.0"],"operations":["fsverity.digest"],"features":["digest.sha256-12"]}'

# TODO: print the fs-verity digest of the file $1 in hex, with your implementation.
fsverity_digest() { return 1; }

while IFS= read -r line; do
  case $(field type):$(field op):$(field algorithm) in
    hello:*) printf '%s\n' "$hello" ;;
    run:fsverity.digest:fsverity-sha256-12)
      if digest=$(fsverity_digest "$(field data)"); then accept "$digest"; else failed 'not implemented yet'; fi ;;
    run:fsverity.digest:*) reject request REQUEST_ALGORITHM ;;
    run:*) failed 'hello does not declare this operation' ;;
    bye:*) exit 0 ;;
  esac
done
