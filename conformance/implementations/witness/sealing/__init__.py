"""Publishing digests in a manifest or in an artifact (spec/sealing.md)."""
