"""The files of a store, held in memory: a store is given and returned as a tar archive (protocol, "Stores")."""

import io
import tarfile


class Link(str):
    """The target of a symbolic link."""


class Files:
    """Regular files are bytes and symbolic links Link, by their paths; directories are a set of paths."""

    def __init__(self):
        self.entries = {}
        self.directories = set()

    @classmethod
    def unpack(cls, archive):
        files = cls()
        with tarfile.open(fileobj=io.BytesIO(archive), errors="surrogateescape") as tar:
            for member in tar:
                path = member.name.rstrip("/")
                if member.isdir():
                    files.directories.add(path)
                elif member.issym():
                    files.put(path, Link(member.linkname))
                else:
                    files.put(path, tar.extractfile(member).read())
        return files

    def pack(self):
        output = io.BytesIO()
        with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as tar:
            for path in sorted(self.directories):
                member = tarfile.TarInfo(path)
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(member)
            for path, content in sorted(self.entries.items()):
                member = tarfile.TarInfo(path)
                if isinstance(content, Link):
                    member.type, member.linkname = tarfile.SYMTYPE, content
                    tar.addfile(member)
                else:
                    member.size = len(content)
                    tar.addfile(member, io.BytesIO(content))
        return output.getvalue()

    def put(self, path, content):
        """Adds or replaces a file or a link."""
        self.entries[path] = content
        parts = path.split("/")
        self.directories |= {"/".join(parts[:count]) for count in range(1, len(parts))}

    def file(self, path):
        """The content of a regular file, or None."""
        content = self.entries.get(path)
        return content if isinstance(content, bytes) else None

    def link(self, path):
        """The target of a symbolic link, or None."""
        content = self.entries.get(path)
        return content if isinstance(content, Link) else None

    def links(self):
        """The paths of all links."""
        return [path for path in self.entries if self.link(path) is not None]

    def links_below(self, directory):
        """The paths of all links below a directory, at any depth."""
        return [path for path in self.links() if path.startswith(directory + "/")]
