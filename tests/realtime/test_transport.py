"""What stands between Engine.IO and the WebSocket libraries."""

import os

import pytest

from chatapp.realtime.line import Ending
from chatapp.realtime.transport import unmask


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 7, 125, 126, 65_536])
@pytest.mark.parametrize("offset", [0, 1, 2, 3, 4, 1447])
def test_unmasks_as_the_stock_one_does(length: int, offset: int) -> None:
    from eventlet.websocket import RFC6455WebSocket

    data, mask = os.urandom(length), os.urandom(4)

    stock = RFC6455WebSocket._apply_mask(data, mask, length=length, offset=offset)

    assert unmask(data, mask, length=length, offset=offset) == stock


def test_an_ending_is_a_close_frame() -> None:
    assert Ending(4413, "fell_behind").frame() == b"\x88\x0d\x11\x3dfell_behind"
    assert len(Ending(1002, "x" * 500).frame()) <= 127
