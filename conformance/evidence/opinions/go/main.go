// Asks Go's readers of archives, blobs and documents. stdin has one question on each line, a kind and a path separated
// by a tab; stdout has one answer on each line, as JSON.
package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/image-spec/schema"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// Answer to one question. Entries is the number of entries of an archive, and nil for anything else.
type answer struct {
	Opinion string `json:"opinion"`
	Entries *int   `json:"entries"`
	Message string `json:"message"`
}

var kinds = map[string]func(io.Reader) (*int, error){
	"tar":  readTar,
	"gzip": readGzip,
	"zstd": readZstd,

	"schema:index":    validate(schema.ValidatorMediaTypeImageIndex),
	"schema:manifest": validate(schema.ValidatorMediaTypeManifest),
	"schema:config":   validate(schema.ValidatorMediaTypeImageConfig),
	"schema:layout":   validate(schema.ValidatorMediaTypeLayoutHeader),

	"structs:index":    decode[v1.Index],
	"structs:manifest": decode[v1.Manifest],
	"structs:config":   decode[v1.Image],
	"structs:layout":   decode[v1.ImageLayout],
}

func readTar(file io.Reader) (*int, error) {
	reader := tar.NewReader(file)
	entries := new(int)
	for ; ; *entries++ {
		if _, err := reader.Next(); err == io.EOF {
			return entries, nil
		} else if err != nil {
			return entries, err
		}
		if _, err := io.Copy(io.Discard, reader); err != nil {
			return entries, err
		}
	}
}

func readGzip(file io.Reader) (*int, error) {
	reader, err := gzip.NewReader(file)
	if err == nil {
		_, err = io.Copy(io.Discard, reader)
	}
	return nil, err
}

func readZstd(file io.Reader) (*int, error) {
	reader, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	_, err = io.Copy(io.Discard, reader)
	return nil, err
}

func validate(validator schema.Validator) func(io.Reader) (*int, error) {
	return func(file io.Reader) (*int, error) { return nil, validator.Validate(file) }
}

func decode[Document any](file io.Reader) (*int, error) {
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	var document Document
	return nil, json.Unmarshal(text, &document)
}

func ask(kind, path string) (found answer) {
	// A crash is not an opinion.
	defer func() {
		if problem := recover(); problem != nil {
			found = answer{Opinion: "none", Message: fmt.Sprint(problem)}
		}
	}()
	read, known := kinds[kind]
	if !known {
		return answer{Opinion: "none", Message: "unknown kind " + kind}
	}
	file, err := os.Open(path)
	if err != nil {
		return answer{Opinion: "none", Message: err.Error()}
	}
	defer file.Close()
	entries, err := read(file)
	var system *os.PathError
	switch {
	case err == nil:
		return answer{Opinion: "accepts", Entries: entries}
	case errors.As(err, &system):
		return answer{Opinion: "none", Message: err.Error()}
	default:
		return answer{Opinion: "rejects", Entries: entries, Message: err.Error()}
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		kind, path, _ := strings.Cut(lines.Text(), "\t")
		if err := answers.Encode(ask(kind, path)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
