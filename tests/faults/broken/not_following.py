"""Trusts Redis to carry who was removed. Z4 has to catch it."""

from chatapp.realtime.channels import ChannelManager

ChannelManager.follow = lambda self, versions: []  # type: ignore[method-assign]

from wsgi import app  # noqa: E402, F401 - after the change above
