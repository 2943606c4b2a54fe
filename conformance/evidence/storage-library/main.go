// Asks the library of podman about layers.
//
// Without arguments, stdin has one question on each line: the kind `toc`, the path of a blob and that of the annotations
// of its descriptor, separated by tabs; stdout has one answer on each line, as JSON, of whether the table of contents is
// accepted.
//
// With the arguments `dump BLOB ANNOTATIONS FOLDER`, it builds the layer in the folder, and prints its dumpfile.
package main

import (
	"bufio"
	_ "crypto/sha512" // Digests of tables of contents can use it.
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unsafe"

	"github.com/opencontainers/go-digest"
	"go.podman.io/storage/pkg/chunked"
	"go.podman.io/storage/pkg/chunked/toc"
)

// readZstdChunkedManifest is what the library calls before it builds a layer from a table of contents. It is not
// exported; the second result is a pointer to an internal type.
//
//go:linkname readZstdChunkedManifest go.podman.io/storage/pkg/chunked.readZstdChunkedManifest
func readZstdChunkedManifest(tmpDir string, blob chunked.ImageSourceSeekable, tocDigest digest.Digest, annotations map[string]string, compressed bool) ([]byte, unsafe.Pointer, *os.File, int64, error)

type answer struct {
	Opinion string `json:"opinion"`
	Entries *int   `json:"entries"`
	Message string `json:"message"`
}

// blob serves ranges of a file, as a registry does.
type blob struct{ file *os.File }

func (b blob) GetBlobAt(chunks []chunked.ImageSourceChunk) (chan io.ReadCloser, chan error, error) {
	info, err := b.file.Stat()
	if err != nil {
		return nil, nil, err
	}
	for _, chunk := range chunks {
		if chunk.Offset >= uint64(info.Size()) {
			return nil, nil, fmt.Errorf("416 range not satisfiable: %d", chunk.Offset)
		}
	}
	streams, errs := make(chan io.ReadCloser), make(chan error)
	go func() {
		defer close(streams)
		defer close(errs)
		for _, chunk := range chunks {
			streams <- io.NopCloser(io.NewSectionReader(b.file, int64(chunk.Offset), int64(chunk.Length)))
		}
	}()
	return streams, errs, nil
}

// readAnnotations reads the annotations of the descriptor of a layer.
func readAnnotations(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	annotations := map[string]string{}
	return annotations, json.Unmarshal(text, &annotations)
}

func check(layer, annotationsPath string) error {
	annotations, err := readAnnotations(annotationsPath)
	if err != nil {
		return err
	}
	tocDigest, err := toc.GetTOCDigest(annotations)
	if err != nil {
		return err
	}
	// A layer without this annotation is downloaded as a whole, or has a table of contents of eStargz.
	if annotations["io.github.containers.zstd-chunked.manifest-checksum"] == "" {
		return nil
	}
	file, err := os.Open(layer)
	if err != nil {
		return err
	}
	defer file.Close()
	_, _, tarSplit, _, err := readZstdChunkedManifest(os.TempDir(), blob{file}, *tocDigest, annotations, true)
	if tarSplit != nil {
		tarSplit.Close()
	}
	return err
}

func ask(layer, annotations string) (found answer) {
	// A crash is not an opinion.
	defer func() {
		if problem := recover(); problem != nil {
			found = answer{Opinion: "none", Message: fmt.Sprint(problem)}
		}
	}()
	if err := check(layer, annotations); err != nil {
		return answer{Opinion: "rejects", Message: err.Error()}
	}
	return answer{Opinion: "accepts"}
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == "dump" {
		if err := writeDump(os.Stdout, os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		found := answer{Opinion: "none", Message: "a question has three parts"}
		if len(parts) == 3 && parts[0] == "toc" {
			found = ask(parts[1], parts[2])
		}
		if err := answers.Encode(found); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
