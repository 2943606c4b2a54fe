"""Images (spec/erofs.md): the writer and the reader, and what both of them know."""
