"""X rows of THREATS.md: pictures that are, and files that only say so. All are made here."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image

PLACE = b"52.5200N 13.4050E"


def packed(
    kind: str, size: tuple[int, int] = (640, 480), mode: str = "RGB", **more: object
) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, (255, 0, 0))
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    file = io.BytesIO()
    image.convert(mode).save(file, kind, **more)
    return file.getvalue()


def with_exif(orientation: int = 1) -> bytes:
    """Return a JPEG that says where it was taken and by whom."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = PLACE.decode()
    exif[0x013B] = "A. Nonymous"
    return packed("JPEG", exif=exif.tobytes(), comment=PLACE)


def png(width: int, height: int, rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of one bit grey that is written by hand, whatever it says of itself."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), *chunks, (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def bomb(side: int) -> bytes:
    """Return a whole PNG of side x side pixels: a few kilobytes."""
    squeeze = zlib.compressobj(9)
    row = b"\0" * (1 + (side + 7) // 8)
    rows = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    return png(side, side, rows)


def animated(kind: str, frames: int) -> bytes:
    images = [Image.new("RGB", (64, 64), (number % 256, 0, 0)) for number in range(frames)]
    file = io.BytesIO()
    images[0].save(file, kind, save_all=True, append_images=images[1:])
    return file.getvalue()


def _grey16() -> bytes:
    image = Image.new("I;16", (64, 64), 30_000)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


PICTURES: dict[str, Callable[[], bytes]] = {
    "png": lambda: packed("PNG"),
    "png with transparency": lambda: packed("PNG", mode="RGBA"),
    "png of a palette": lambda: packed("PNG", mode="P"),
    "png of one bit": lambda: packed("PNG", mode="1"),
    "png of 16 bits": _grey16,
    "jpeg": lambda: packed("JPEG"),
    "grey jpeg": lambda: packed("JPEG", mode="L"),
    "jpeg for print": lambda: packed("JPEG", mode="CMYK"),
    "progressive jpeg": lambda: packed("JPEG", progressive=True),
    "webp": lambda: packed("WEBP"),
    "gif": lambda: packed("GIF"),
    "animated gif": lambda: animated("GIF", 300),
    "animated webp": lambda: animated("WEBP", 20),
    "animated png": lambda: animated("PNG", 20),
    "of one pixel": lambda: packed("PNG", (1, 1)),
    "very wide": lambda: packed("PNG", (20_000, 1)),
    "as large as it may be": lambda: packed("PNG", (5_000, 5_000)),
}
TOO_LARGE: dict[str, Callable[[], bytes]] = {
    "81 million pixels": lambda: bomb(9_000),
    "400 million pixels": lambda: bomb(20_000),
    "more pixels than can be counted": lambda: png(2**31 - 1, 2**31 - 1, zlib.compress(b"")),
    "one row too many": lambda: packed("PNG", (5_000, 5_001)),
    "too many bytes": lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 5_000_000,
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NO_PICTURE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"hello",
    "svg": lambda: SVG,
    "html": lambda: b"<!doctype html><script>alert(1)</script>",
    "pdf": lambda: b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n",
    "zip": lambda: b"PK\x05\x06" + b"\0" * 18,
    "script that says gif": lambda: b"GIF89a=1;alert(1)//" + b" " * 200,
    "tiff": lambda: packed("TIFF"),
    "bmp": lambda: packed("BMP"),
    "ico": lambda: packed("ICO", (64, 64)),
    "ppm": lambda: packed("PPM"),
    "pcx": lambda: packed("PCX"),
    "eps": lambda: packed("EPS"),
    "head of a png": lambda: packed("PNG")[:33],
    "half a png": lambda: packed("PNG")[: len(packed("PNG")) // 2],
    "half a jpeg": lambda: packed("JPEG")[: len(packed("JPEG")) // 2],
    "half a webp": lambda: packed("WEBP")[: len(packed("WEBP")) // 2],
    "head of a gif": lambda: packed("GIF")[:20],
    "no pixels": lambda: png(0, 0, zlib.compress(b"")),
    "rows of less than it says": lambda: png(4_000, 4_000, zlib.compress(b"\0" * 10)),
    "100 MB in a word about itself": lambda: png(
        8, 8, zlib.compress(b"\0\0" * 8), (b"zTXt", b"a\0\0" + zlib.compress(b"x" * 100_000_000))
    ),
}
POLYGLOTS: dict[str, Callable[[], bytes]] = {
    "gif and script": lambda: packed("GIF") + b"/*<script>alert(1)</script>*/",
    "png and html": lambda: packed("PNG") + b"<script>alert(1)</script>",
    "jpeg and zip": lambda: packed("JPEG", comment=SVG) + b"PK\x03\x04 evil",
}
