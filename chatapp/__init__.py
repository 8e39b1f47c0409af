"""chatapp: a team chat that people host themselves.

`create_app` reads from top to bottom; what is plugged in stands in the three tuples.
"""

import os
from collections.abc import Callable

from flask import Flask
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

from chatapp import cli
from chatapp.audit import subscribers as audit_subscribers
from chatapp.auth import login
from chatapp.auth.guard import Allowed, Guard
from chatapp.auth.views import bp as auth
from chatapp.chat import sockets as chat_sockets
from chatapp.chat import subscribers as chat_subscribers
from chatapp.chat.views import bp as chat
from chatapp.core import background, clock, embedded
from chatapp.core.database import Documents, connect
from chatapp.core.events import EventBus
from chatapp.core.limits import Tries
from chatapp.extensions import compress, csrf
from chatapp.people import sockets as people_sockets
from chatapp.people.views import bp as people
from chatapp.pins import sockets as pin_sockets
from chatapp.pins.views import bp as pins
from chatapp.presence import sockets as presence_sockets
from chatapp.reactions import sockets as reaction_sockets
from chatapp.reactions.views import bp as reactions
from chatapp.realtime import strict_json, transport
from chatapp.realtime.broadcast import Broadcaster
from chatapp.realtime.channels import NAMESPACE
from chatapp.realtime.ended import EndedSessions
from chatapp.realtime.farewell import Farewell
from chatapp.realtime.gate import Gate, allows_origin
from chatapp.realtime.heartbeat import Heartbeat
from chatapp.realtime.limits import Buckets, Limits
from chatapp.realtime.namespace import ChatNamespace
from chatapp.realtime.presence import PresenceTeller
from chatapp.realtime.processes import channel_manager
from chatapp.realtime.visits import Visits
from chatapp.rooms import sockets as room_sockets
from chatapp.rooms import subscribers as room_subscribers
from chatapp.rooms.views import bp as rooms
from chatapp.saves import sockets as save_sockets
from chatapp.saves.views import bp as saves
from chatapp.services import Services, build_services
from chatapp.typing import sockets as typing_sockets
from chatapp.web import assets, error_pages, health, logs, pages, security, uploads
from config import Config, config_for
from migrations_seed.runner import migrate

BLUEPRINTS = (auth, rooms, chat, pins, saves, reactions, people)
SOCKET_HANDLERS = (
    room_sockets.handlers,
    chat_sockets.handlers,
    reaction_sockets.handlers,
    typing_sockets.handlers,
    presence_sockets.handlers,
    people_sockets.handlers,
    pin_sockets.handlers,
    save_sockets.handlers,
)
SUBSCRIBERS: tuple[Callable[[Services], None], ...] = (
    lambda services: audit_subscribers.subscribe(
        services.bus, services.audit, clock.now, login.address
    ),
    lambda services: room_subscribers.subscribe(services.bus, services.rooms),
    lambda services: chat_subscribers.subscribe(services.bus, services.quiet_lines),
)


def create_app(config: Config | None = None) -> Flask:
    config = config or config_for(os.environ)
    app = Flask(__name__, static_folder=None)
    app.config.from_object(config)

    services = _build_services(config)
    app.extensions["chatapp"] = services

    uploads.init_app(app)  # before the next one, which reads the form
    csrf.init_app(app)
    compress.init_app(app)
    for part in (logs, health, login, pages, assets, security, error_pages, cli):
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

    socketio = _build_socketio(app, config, services)
    # First: who was removed is out of the room before a line there tells of it.
    Broadcaster(app, socketio, SOCKET_HANDLERS).subscribe(services.bus)
    for subscribe in SUBSCRIBERS:
        subscribe(services)
    ended_sessions = EndedSessions(socketio.server, services.accounts)
    app.extensions["ended_sessions"] = ended_sessions
    services.memory.on_change.append(ended_sessions.hear)
    services.memory.hint = socketio.server.manager.hint
    socketio.server.manager.on_hint = services.memory.beat
    heartbeat = Heartbeat(socketio, services.access, services.heads, services.changes)
    app.extensions["heartbeat"] = heartbeat
    services.memory.on_change.append(heartbeat.hear)
    presence = PresenceTeller(
        socketio, services.roll, services.access, app.extensions["visits"].people
    )
    app.extensions["presence"] = presence
    services.memory.on_change.append(presence.hear)
    if not app.testing:
        heartbeat.start()
        presence.start()
        ended_sessions.start()
        socketio.server.manager.on_start.append(services.memory.start)
        socketio.server.manager.on_start.append(
            lambda: background.spawn(services.renewal.run_to_the_end)
        )
    if config.CHATAPP_PROXIES:
        hops = config.CHATAPP_PROXIES
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def _build_services(config: Config) -> Services:
    tries = Tries(config.SOCKETIO_MESSAGE_QUEUE)
    return build_services(
        _open_database(config),
        EventBus(),
        clock.now,
        secret_key=config.SECRET_KEY,
        is_open=config.CHATAPP_SIGNUP == "open",
        guard=_build_guard(config, tries),
        tries=tries,
        folder=None if config.MONGO_URI else config.CHATAPP_DATA_DIR,
        typing_pause_seconds=60 / config.CHATAPP_TYPING_PER_MINUTE,
    )


def _build_guard(config: Config, tries: Tries) -> Guard:
    allowed = Allowed(
        failures_per_account=config.CHATAPP_SIGN_IN_ACCOUNT,
        failures_per_address=config.CHATAPP_SIGN_IN_ADDRESS,
        sign_ups_per_address=config.CHATAPP_SIGN_UP_ADDRESS,
    )
    return Guard(tries, allowed)


def _open_database(config: Config) -> Documents:
    if config.MONGO_URI:
        return connect(config.MONGO_URI)  # `flask migrate` is for whoever runs that server
    database = connect(embedded.start(config.CHATAPP_DATA_DIR))
    migrate(database)
    return database


def _build_socketio(app: Flask, config: Config, services: Services) -> SocketIO:
    limits = Limits.of(app.config)
    # Made here, not at module level: `init_app` would share one server among all apps.
    socketio = SocketIO(
        app,
        async_mode=background.async_mode(),
        async_handlers=False,  # one socket's requests are handled one after the other
        client_manager=channel_manager(config.SOCKETIO_MESSAGE_QUEUE, services.access),
        cors_allowed_origins=allows_origin(config.PUBLIC_URL),
        json=strict_json,
        manage_session=False,
        max_http_buffer_size=limits.frame_bytes,
        monitor_clients=False,  # lines.py does it, with fewer tasks
        namespaces=[NAMESPACE],
        transports=["websocket"],
    )
    messages, hints = (Buckets(limits.messages_per_second, limits.messages_burst) for _ in range(2))
    socketio.on_namespace(ChatNamespace(SOCKET_HANDLERS, messages, hints))
    app.extensions["visits"] = Visits(limits)
    gate = Gate(app, app.wsgi_app, app.extensions["visits"])
    app.wsgi_app = gate  # type: ignore[method-assign]
    lines = transport.install(socketio.server, limits)
    app.extensions["lines"] = lines
    app.extensions["farewell"] = Farewell(gate, lines, socketio.server, services.memory)
    return socketio
