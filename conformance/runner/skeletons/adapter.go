// An adapter for the composefs-oci conformance suite.
//
// Requests come on stdin, answers go to stdout, one JSON object a line. Text for people goes to stderr.
// conformance/README.md of the suite describes the protocol.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
)

// Declare only what your implementation can do: everything else is not tested.
const hello = `{"type":"hello","protocol":1,"implementation":{"name":"my-tool","version":"0.1.0","language":"Go"},` +
	`"specVersions":["1.0"],"operations":["fsverity.digest"],"features":["digest.sha256-12"]}`

type message struct {
	Type   string                     `json:"type"`
	ID     string                     `json:"id"`
	Op     string                     `json:"op"`
	Input  map[string]json.RawMessage `json:"input"`
	Params map[string]string          `json:"params"`
	OutDir string                     `json:"outDir"`
}

type answer struct {
	Type    string            `json:"type"`
	ID      string            `json:"id"`
	Status  string            `json:"status"`
	Values  map[string]string `json:"values,omitempty"`
	Files   map[string]string `json:"files,omitempty"` // relative to OutDir
	Stage   string            `json:"stage,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	Message string            `json:"message,omitempty"`
}

// A rejection says that the input is wrong. Every other error means that something else failed.
type rejection struct{ stage, reason, message string }

func (r rejection) Error() string { return r.message }

func fsverityDigest(m message) (answer, error) {
	var data string
	if err := json.Unmarshal(m.Input["data"], &data); err != nil {
		return answer{}, err
	}
	if m.Params["algorithm"] != "fsverity-sha256-12" {
		return answer{}, rejection{"request", "REQUEST_ALGORITHM", "unknown algorithm " + m.Params["algorithm"]}
	}
	// TODO: the fs-verity digest of the file data in hex, with your implementation:
	// return answer{Values: map[string]string{"digest": digest}}, nil
	return answer{}, errors.New("not implemented yet: " + data)
}

func run(m message) answer {
	result, err := answer{}, errors.New("hello does not declare this operation")
	if m.Op == "fsverity.digest" {
		result, err = fsverityDigest(m)
	}
	var rejected rejection
	switch {
	case errors.As(err, &rejected):
		result = answer{Status: "rejected", Stage: rejected.stage, Reason: rejected.reason, Message: rejected.message}
	case err != nil:
		result = answer{Status: "error", Message: err.Error()}
	default:
		result.Status = "ok"
	}
	result.Type, result.ID = "done", m.ID
	return result
}

func main() {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var m message
		if err := in.Decode(&m); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		var err error
		switch m.Type {
		case "hello":
			_, err = os.Stdout.WriteString(hello + "\n")
		case "run":
			err = out.Encode(run(m))
		case "bye":
			return
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}
