"""X4 to X8 of THREATS.md: what anybody may send is decoded apart, or refused."""

import io
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from chatapp.core.errors import TooMany
from chatapp.people import pictures
from chatapp.people.errors import NotAPicture, PictureTooLarge
from chatapp.people.pictures import made_small
from tests.corpora.pictures import (
    NO_PICTURE,
    PICTURES,
    PLACE,
    POLYGLOTS,
    TOO_LARGE,
    packed,
    with_exif,
)
from tests.wire import until

Make = Callable[[], bytes]


def opened(made: bytes) -> Image.Image:
    with Image.open(io.BytesIO(made)) as image:
        image.load()
        return image


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES)
def test_X5_a_picture_is_made_small(make: Make) -> None:
    made = made_small(make())

    for data, side in ((made.small, 96), (made.large, 256)):
        image = opened(data)
        assert (image.format, image.size) == ("WEBP", (side, side))
        assert getattr(image, "n_frames", 1) == 1
        assert len(data) < 100_000


@pytest.mark.parametrize("make", TOO_LARGE.values(), ids=TOO_LARGE)
def test_X6_what_is_too_large_is_refused(make: Make) -> None:
    with pytest.raises(PictureTooLarge):
        made_small(make())


@pytest.mark.parametrize("make", NO_PICTURE.values(), ids=NO_PICTURE)
def test_X4_X5_what_is_no_picture_is_refused(make: Make) -> None:
    with pytest.raises(NotAPicture):
        made_small(make())


@pytest.mark.parametrize("make", POLYGLOTS.values(), ids=POLYGLOTS)
def test_X5_of_two_things_in_one_only_the_pixels_are_left(make: Make) -> None:
    made = made_small(make())

    for data in (made.small, made.large):
        assert not [hidden for hidden in (b"script", b"PK", b"evil") if hidden in data]


def test_X5_what_a_picture_says_of_itself_is_gone() -> None:
    sent = with_exif()
    assert PLACE in sent

    made = made_small(sent)

    for data in (made.small, made.large):
        assert PLACE not in data
        assert b"Nonymous" not in data
        assert data[12:16] in (b"VP8 ", b"VP8L")  # the plain kind, which holds pixels alone
        assert not opened(data).getexif()


@pytest.mark.parametrize(("orientation", "is_red"), [(1, True), (2, False), (3, False)])
def test_stands_as_it_was_held(orientation: int, is_red: bool) -> None:
    image = opened(made_small(with_exif(orientation)).large).convert("RGB")

    red, _, blue = image.getpixel((20, 128))  # type: ignore[misc]
    assert (red > blue) is is_red


def test_what_is_transparent_stays_so() -> None:
    sent = io.BytesIO()
    Image.new("RGBA", (300, 300), (255, 0, 0, 0)).save(sent, "PNG")

    assert opened(made_small(sent.getvalue()).large).getpixel((9, 9))[3] == 0  # type: ignore[index]


def limits_of(pid: int) -> dict[str, str]:
    """Return the hard limits of a process, by their names in /proc."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[47:68].strip() for line in lines}


class TestTheProgramThatDecodes:
    def test_X6_is_ended_when_it_takes_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pictures, "WALL_SECONDS", 0.0)

        with pytest.raises(PictureTooLarge):
            made_small(packed("PNG"))

    def test_X6_has_little_memory_little_time_and_no_files(self) -> None:
        program = f"""
import resource, runpy
decoder = runpy.run_path({str(pictures.PROGRAM)!r})
decoder["give_up_rights"]()
limits = [resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in ("AS", "CPU")]
decoder["close_the_door"]()
for attempt in (lambda: open("/etc/hostname"), lambda: bytearray(2**30)):
    try:
        attempt()
    except (OSError, MemoryError) as error:
        limits.append(type(error).__name__)
print(limits)
"""
        done = subprocess.run(
            [pictures.sys.executable, "-I", "-c", program],
            capture_output=True,
            text=True,
            check=False,
        )

        memory = 640 * 1024 * 1024
        assert done.stdout.strip() == repr([(memory,) * 2, (5, 5), "OSError", "MemoryError"])

    def test_X6_has_given_them_up_before_it_reads(self) -> None:
        command = [pictures.sys.executable, "-I", str(pictures.PROGRAM)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
            try:
                until(lambda: limits_of(child.pid)["Max open files"] == "0")
                limits = limits_of(child.pid)
            finally:
                child.kill()

        assert limits["Max address space"] == str(640 * 1024 * 1024)
        assert limits["Max cpu time"] == "5"
        assert limits["Max file size"] == "1000000"
        assert limits["Max processes"] == "0"

    def test_X6_knows_nothing_of_ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        started = []
        stock = subprocess.Popen

        def start(*args: object, **options: object) -> object:
            started.append(options)
            return stock(*args, **options)  # type: ignore[call-overload]

        monkeypatch.setenv("SECRET_KEY", "secret")
        monkeypatch.setattr(pictures.subprocess, "Popen", start)
        made_small(packed("PNG"))

        assert [options["env"] for options in started] == [{}]

    def test_X7_runs_twice_at_most(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pictures, "_turns", threading.BoundedSemaphore(1))
        monkeypatch.setattr(pictures, "WAIT_SECONDS", 0.01)
        with pictures._turns, pytest.raises(TooMany):
            made_small(packed("PNG"))

        assert made_small(packed("PNG")).small
