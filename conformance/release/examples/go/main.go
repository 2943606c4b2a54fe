// Runs the cases of fsverity.digest from the package with the embedded vectors.
package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"

	"composefs-oci.example/vectors"
)

type suite struct {
	Cases []struct {
		ID     string                     `json:"id"`
		Op     string                     `json:"op"`
		Title  string                     `json:"title"`
		Needs  []string                   `json:"needs"`
		Input  map[string]json.RawMessage `json:"input"`
		Params map[string]string          `json:"params"`
		Expect struct {
			Outcome string            `json:"outcome"`
			Values  map[string]string `json:"values"`
			Reasons []string          `json:"reasons"`
		} `json:"expect"`
	} `json:"cases"`
}

const block = 4096

var features = map[string]bool{"digest.sha256-12": true, "digest.sha512-12": true}

// digest is the implementation: spec/fsverity.md.
func digest(sum func([]byte) []byte, number byte, data []byte) string {
	root := []byte{}
	for level := data; len(level) > 0; level = root {
		root = nil
		for at := 0; at < len(level); at += block {
			padded := make([]byte, block)
			copy(padded, level[at:])
			root = append(root, sum(padded)...)
		}
		if len(level) <= block {
			break
		}
	}
	descriptor := make([]byte, 256)
	copy(descriptor, []byte{1, number, 12})
	binary.LittleEndian.PutUint64(descriptor[8:], uint64(len(data)))
	copy(descriptor[16:], root)
	return hex.EncodeToString(sum(descriptor))
}

func sum256(data []byte) []byte { sum := sha256.Sum256(data); return sum[:] }
func sum512(data []byte) []byte { sum := sha512.Sum512(data); return sum[:] }

func read(files fs.FS, folder string, source json.RawMessage) ([]byte, error) {
	var name string
	if json.Unmarshal(source, &name) == nil {
		return fs.ReadFile(files, path.Join(folder, name))
	}
	var generated struct {
		Generate struct {
			PatternHex string
			Size       int
		}
	}
	if err := json.Unmarshal(source, &generated); err != nil {
		return nil, err
	}
	pattern, err := hex.DecodeString(generated.Generate.PatternHex)
	if err != nil {
		return nil, err
	}
	size := generated.Generate.Size
	return bytes.Repeat(pattern, size/len(pattern)+1)[:size], nil
}

func main() {
	files := vectors.FS()
	text, err := fs.ReadFile(files, "index.json")
	if err != nil {
		panic(err)
	}
	var all suite
	if err := json.Unmarshal(text, &all); err != nil {
		panic(err)
	}
	passed, failed, leftOut := 0, 0, 0
	for _, test := range all.Cases {
		if test.Op != "fsverity.digest" {
			continue
		}
		has := true
		for _, feature := range test.Needs {
			has = has && features[feature]
		}
		if !has {
			leftOut++
			continue
		}
		data, err := read(files, "cases/"+test.ID, test.Input["data"])
		if err != nil {
			panic(err)
		}
		ok := false
		switch test.Params["algorithm"] {
		case "fsverity-sha256-12":
			ok = digest(sum256, 1, data) == test.Expect.Values["digest"]
		case "fsverity-sha512-12":
			ok = digest(sum512, 2, data) == test.Expect.Values["digest"]
		default:
			ok = test.Expect.Outcome == "reject" && len(test.Expect.Reasons) == 1 && test.Expect.Reasons[0] == "REQUEST_ALGORITHM"
		}
		if ok {
			passed++
		} else {
			failed++
			fmt.Println("FAIL", test.ID, "-", test.Title)
		}
	}
	fmt.Printf("%d passed, %d failed, %d left out\n", passed, failed, leftOut)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}
