#!/usr/bin/env python3
"""An adapter for the composefs-oci conformance suite.

Requests come on stdin, answers go to stdout, one JSON object a line. Text for people goes to stderr.
conformance/README.md of the suite describes the protocol.
"""

import json
import sys

# Declare only what your implementation can do: everything else is not tested.
HELLO = {
    "type": "hello",
    "protocol": 1,
    "implementation": {"name": "my-tool", "version": "0.1.0", "language": "Python"},
    "specVersions": ["1.0"],
    "operations": ["fsverity.digest"],
    "features": ["digest.sha256-12"],
}


class Rejection(Exception):
    """The input is wrong. Every other exception means that something else failed."""

    def __init__(self, stage, reason, message=""):
        super().__init__(message)
        self.answer = {"status": "rejected", "stage": stage, "reason": reason, "message": message}


def fsverity_digest(inputs, params, out_dir):
    if params["algorithm"] != "fsverity-sha256-12":
        raise Rejection("request", "REQUEST_ALGORITHM", f"unknown algorithm {params['algorithm']}")
    # TODO: the fs-verity digest of the file inputs["data"] in hex, with your implementation. An operation that
    # returns files writes them into out_dir, and returns {"files": {"image": "name in out_dir"}} as well.
    raise NotImplementedError("not implemented yet")


OPERATIONS = {"fsverity.digest": fsverity_digest}


def answer(request):
    try:
        operation = OPERATIONS[request["op"]]
        return {"status": "ok", **operation(request["input"], request["params"], request["outDir"])}
    except Rejection as rejection:
        return rejection.answer
    except Exception as error:
        return {"status": "error", "message": f"{type(error).__name__}: {error}"}


def send(message):
    print(json.dumps(message), flush=True)


for line in sys.stdin.buffer:
    message = json.loads(line)
    if message["type"] == "hello":
        send(HELLO)
    elif message["type"] == "run":
        send({"type": "done", "id": message["id"], **answer(message)})
    elif message["type"] == "bye":
        break
