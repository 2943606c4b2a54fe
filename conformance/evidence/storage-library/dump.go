package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/opencontainers/go-digest"
	"go.podman.io/storage"
	graphdriver "go.podman.io/storage/drivers"
	"go.podman.io/storage/pkg/archive"
	"go.podman.io/storage/pkg/chunked"
	"go.podman.io/storage/pkg/chunked/dump"
)

// noStore is a store without layers, in which the library is allowed to build a layer from a table of contents, and to
// make one itself for a layer without it.
type noStore struct{ storage.Store }

func (noStore) PullOptions() map[string]string {
	return map[string]string{"enable_partial_images": "true", "convert_images": "true"}
}
func (noStore) GraphDriver() (graphdriver.Driver, error)           { return differ{}, nil }
func (noStore) RunRoot() string                                    { return os.TempDir() }
func (noStore) Layers() ([]storage.Layer, error)                   { return nil, nil }
func (noStore) LayerBigData(string, string) (io.ReadCloser, error) { return nil, os.ErrNotExist }
func (noStore) ContainerDirectory(string) (string, error)          { return "", errors.New("no containers") }

// differ is a driver that can build layers from tables of contents; it is never called.
type differ struct{ graphdriver.DriverWithDiffer }

// writeDump builds a layer as for composefs, with its objects in a folder, and writes the dumpfile that the library
// gives to mkcomposefs. Without fs-verity on the objects, it has no digests.
func writeDump(out io.Writer, layer, annotationsPath, folder string) error {
	annotations, err := readAnnotations(annotationsPath)
	if err != nil {
		return err
	}
	file, err := os.Open(layer)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	blobDigest, err := digest.FromReader(file)
	if err != nil {
		return err
	}
	layerDiffer, err := chunked.NewDiffer(context.Background(), noStore{}, blobDigest, info.Size(), annotations, blob{file})
	if err != nil {
		return err
	}
	defer layerDiffer.Close()
	built, err := layerDiffer.ApplyDiff(folder, &archive.TarOptions{}, &graphdriver.DifferOptions{Format: graphdriver.DifferOutputFormatFlat})
	if err != nil {
		return err
	}
	dumpfile, err := dump.GenerateDump(built.Artifacts["toc"], nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, dumpfile)
	return err
}
