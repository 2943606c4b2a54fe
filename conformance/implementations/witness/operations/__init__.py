"""One module per operation: `answer(request)` in operations/erofs_write.py answers a request for `erofs.write`."""
