"""Asks Python's readers of archives, blobs and documents.

stdin has one question on each line, a kind and a path separated by a tab. stdout has one answer on each line, as JSON:
{"opinion", "entries", "message"}. "entries" is null for anything but an archive.
"""

import gzip
import json
import sys
import tarfile
import zlib


def read_tar(path):
    """The number of entries. Reads the content of every file."""
    entries = 0
    with tarfile.open(path, "r:") as archive:
        for member in archive:
            entries += 1
            if member.isreg():
                content = archive.extractfile(member)
                while content.read(1 << 20):
                    pass
    return entries


def read_gzip(path):
    with gzip.open(path) as blob:
        while blob.read(1 << 20):
            pass
    return None


def read_json(path):
    with open(path, "rb") as document:
        json.loads(document.read())
    return None


# A reader rejects its input with these errors; any other one is a crash, which is not an opinion.
REJECTIONS = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError, json.JSONDecodeError)
READERS = {"tar": read_tar, "gzip": read_gzip, "json": read_json}


def ask(kind, path):
    try:
        return {"opinion": "accepts", "entries": READERS[kind](path), "message": ""}
    except REJECTIONS as error:
        return {"opinion": "rejects", "entries": 0, "message": f"{type(error).__name__}: {error}"}
    except Exception as error:
        return {"opinion": "none", "entries": 0, "message": f"{type(error).__name__}: {error}"}


def main():
    for line in sys.stdin:
        kind, path = line.rstrip("\n").split("\t")
        print(json.dumps(ask(kind, path)), flush=True)


main()
