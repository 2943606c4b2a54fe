"""OCI image layouts: documents, blobs, and the choice of an image (spec/layers.md, "From image to layers")."""
