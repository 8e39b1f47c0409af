"""What a browser calls itself, in a few plain words."""

import time

import pytest

from chatapp.auth.devices import UNKNOWN, device_of

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = "(Windows NT 10.0; Win64; x64)"
IPHONE = "(iPhone; CPU iPhone OS 18_1 like Mac OS X)"
MAC = "(Macintosh; Intel Mac OS X 10_15_7)"
KNOWN = {
    f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on Linux",
    f"{MOZILLA} (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "Firefox on Android",
    f"{MOZILLA} {IPHONE} {APPLE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15": "Firefox on iPhone",
    f"{MOZILLA} {WINDOWS} {WEBKIT} Chrome/150.0.0.0 Safari/537.36": "Chrome on Windows",
    f"{MOZILLA} {WINDOWS} {WEBKIT} Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0": "Edge on Windows",
    f"{MOZILLA} {MAC} {WEBKIT} Chrome/150.0.0.0 Safari/537.36 OPR/130.0.0.0": "Opera on Mac",
    f"{MOZILLA} {IPHONE} {APPLE} CriOS/150.0 Mobile/15E148 Safari/604.1": "Chrome on iPhone",
    f"{MOZILLA} {MAC} {APPLE} Version/18.1 Safari/605.1.15": "Safari on Mac",
    f"{MOZILLA} {IPHONE} {APPLE} Version/18.1 Mobile/15E148 Safari/604.1": "Safari on iPhone",
    f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/150.0 Safari/537.36": (
        "Chrome on ChromeOS"
    ),
    f"{MOZILLA} (Linux; Android 15; SM-S931B) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0 Safari": (
        "Samsung Internet on Android"
    ),
    f"{MOZILLA} {WINDOWS}": "Windows",
    "curl/8.12.1": UNKNOWN,
    "": UNKNOWN,
}


@pytest.mark.parametrize("user_agent", KNOWN)
def test_is_called_by_browser_and_system(user_agent: str) -> None:
    assert device_of(user_agent) == KNOWN[user_agent]


@pytest.mark.parametrize(
    "user_agent", ["<script>alert(1)</script>", "Firefox\u202e/", "\x00" * 9, "Version/" * 100_000]
)
def test_shows_nothing_that_was_sent_and_takes_no_time(user_agent: str) -> None:
    began = time.process_time()

    assert device_of(user_agent) == UNKNOWN
    assert time.process_time() - began < 0.1
