// Allows a function without a body, readZstdChunkedManifest.
