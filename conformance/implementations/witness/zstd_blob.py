"""Decompression of zstd blobs (spec/layers.md, "Compression"), frame by frame, with libzstd."""

import ctypes

from errors import Rejected
from zstd_frames import read_frames
from zstd_sequences import check_sequences

WINDOW_LOG_MAX = 100  # ZSTD_d_windowLogMax
WINDOW_LOG = 27  # 128 MiB
CHUNK = 2**20


class Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer."""

    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("pos", ctypes.c_size_t)]


def load_library():
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_createDCtx.restype = ctypes.c_void_p
    library.ZSTD_freeDCtx.argtypes = [ctypes.c_void_p]
    library.ZSTD_DCtx_setParameter.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    library.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.POINTER(Buffer), ctypes.POINTER(Buffer)]
    library.ZSTD_decompressStream.restype = ctypes.c_size_t
    library.ZSTD_isError.argtypes = [ctypes.c_size_t]
    library.ZSTD_getErrorName.argtypes = [ctypes.c_size_t]
    library.ZSTD_getErrorName.restype = ctypes.c_char_p
    return library


LIBRARY = load_library()


def decompress_zstd(blob):
    """The pieces of the layer: the contents of all frames, one after the other (LAYER-033)."""
    for _, pieces in decompress_frames(blob):
        yield from pieces


def decompress_frames(blob):
    """Each frame with the pieces of its content; a skippable frame has none."""
    for frame in read_frames(blob):
        if frame.skippable:
            yield frame, ()
        else:
            check_sequences(blob, frame)
            yield frame, decompress_frame(blob[frame.start : frame.end])


def decompress_frame(frame):
    """Yields the content of one complete frame."""
    context = LIBRARY.ZSTD_createDCtx()
    try:
        LIBRARY.ZSTD_DCtx_setParameter(context, WINDOW_LOG_MAX, WINDOW_LOG)
        source = ctypes.create_string_buffer(frame, len(frame))
        output = ctypes.create_string_buffer(CHUNK)
        given = Buffer(ctypes.addressof(source), len(frame), 0)
        missing = 1
        while missing:
            taken = Buffer(ctypes.addressof(output), CHUNK, 0)
            before = given.pos
            missing = LIBRARY.ZSTD_decompressStream(context, ctypes.byref(taken), ctypes.byref(given))
            if LIBRARY.ZSTD_isError(missing):
                reason = LIBRARY.ZSTD_getErrorName(missing).decode()
                raise Rejected("COMPRESSION_CORRUPT", f"a zstd frame: {reason}")  # LAYER-037
            if missing and (before, taken.pos) == (given.pos, 0):
                raise Rejected("COMPRESSION_CORRUPT", "a zstd frame that does not end")
            yield output.raw[: taken.pos]
    finally:
        LIBRARY.ZSTD_freeDCtx(context)
