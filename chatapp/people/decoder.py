"""Makes small pictures of one that anybody may have sent: a program with nothing to lose.

It reads standard input and writes standard output, which are files, and gives up what it could do
beside that before it looks at a byte. It imports nothing of chatapp.
"""

import io
import os
import resource
import struct
import sys
import warnings
from typing import Any

SIZES = (96, 256)
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_PIXELS = 25_000_000
MEMORY_BYTES = 640 * 1024 * 1024  # what the largest of them takes, three times over
CPU_SECONDS = 5
MAX_OUTPUT_BYTES = 1_000_000
TOO_LARGE, NO_PICTURE = 3, 4
"""How it ends where it does not end well."""


def give_up_rights() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MAX_OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def close_the_door() -> None:
    """No file can be opened and no process begun from here on; what is needed is loaded."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def made_of(sent: bytes, pil: Any) -> list[bytes]:
    """Return the first frame in each size, cut to a square, as WebP that says nothing else."""
    with pil.open(io.BytesIO(sent), formats=FORMATS) as image:
        orientation = image.getexif().get(0x0112, 1) if image.format != "GIF" else 1
        image.draft("RGB", (max(SIZES) * 2, max(SIZES) * 2))  # JPEGs are decoded smaller
        image.load()
        plain = _plain(image)
    square = _turned(_square(plain, max(SIZES), pil), orientation, pil)
    return [_packed(square.resize((size, size), pil.Resampling.LANCZOS), pil) for size in SIZES]


def _plain(image: Any) -> Any:
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _square(image: Any, size: int, pil: Any) -> Any:
    side = min(image.size)
    left, top = ((length - side) // 2 for length in image.size)
    box = (left, top, left + side, top + side)
    return image.resize((size, size), pil.Resampling.LANCZOS, box=box, reducing_gap=2.0)


def _turned(image: Any, orientation: int, pil: Any) -> Any:
    turn = {
        2: pil.Transpose.FLIP_LEFT_RIGHT,
        3: pil.Transpose.ROTATE_180,
        4: pil.Transpose.FLIP_TOP_BOTTOM,
        5: pil.Transpose.TRANSPOSE,
        6: pil.Transpose.ROTATE_270,
        7: pil.Transpose.TRANSVERSE,
        8: pil.Transpose.ROTATE_90,
    }.get(orientation)
    return image if turn is None else image.transpose(turn)


def _packed(image: Any, pil: Any) -> bytes:
    only_pixels = pil.frombytes(image.mode, image.size, image.tobytes())
    packed = io.BytesIO()
    only_pixels.save(packed, "WEBP", quality=82, method=4)
    return packed.getvalue()


def _rehearse(pil: Any) -> None:
    """Load whatever is loaded on first use, by pictures of our own, while files can be opened."""
    for kind in FORMATS:
        ours = io.BytesIO()
        pil.new("P" if kind == "GIF" else "RGB", (2, 2)).save(ours, kind)
        made_of(ours.getvalue(), pil)


def main() -> int:
    give_up_rights()
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error")
    _rehearse(Image)
    close_the_door()
    try:
        made = made_of(sys.stdin.buffer.read(), Image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return TOO_LARGE
    except Exception:  # noqa: BLE001 - decoders raise anything
        return NO_PICTURE
    for picture in made:
        sys.stdout.buffer.write(struct.pack(">I", len(picture)) + picture)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    # Nothing is left to tidy up, and nothing of what was sent should run while it is.
    os._exit(main())
