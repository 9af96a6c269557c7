"""The wiring: settings in, an application out. Nothing else makes a client or decides which class keeps a port."""

from __future__ import annotations

from functools import partial

from flask import Flask
from flask_cors import CORS
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

import chat
from chat.config import Settings
from chat.domain.basics import now
from chat.domain.ports import Announcer
from chat.jobs.queue import RqJobs
from chat.services.accounts import Accounts
from chat.services.attendance import Attendance
from chat.services.calling import Calling
from chat.services.chatting import Chatting
from chat.services.notifying import Notifying
from chat.services.people import People
from chat.services.root import Services
from chat.services.showing import Files, Showing
from chat.services.upkeep import Upkeep
from chat.storage.bus import BusAnnouncer, RedisBus
from chat.storage.mongo import Mongo
from chat.storage.mongo_calls import MongoCalls
from chat.storage.mongo_chats import MongoChats
from chat.storage.mongo_media import MongoMedia
from chat.storage.mongo_statuses import MongoNotifications, MongoStatuses
from chat.storage.mongo_users import MongoTokens, MongoUsers
from chat.storage.probes import mongo_probe, redis_probe
from chat.storage.redis_presence import RedisLimits, RedisLocks, RedisPresence, connect
from chat.web import asyncapi, envelope, health, observe, pages, sockets
from chat.web.fields import IdConverter, NameConverter
from chat.web.rest import BLUEPRINTS
from chat.web.routes import Document
from chat.web.sockets.connections import heard_again, keep_up
from chat.web.sockets.door import Door

JSON_LARGEST = 64 * 1024
FRAME_LARGEST = 256 * 1024


def build(settings: Settings, announcer: Announcer, mongo: Mongo) -> Services:
    """Every service, with what it needs."""
    redis = connect(settings.redis_url)
    users, chats, media = MongoUsers(mongo), MongoChats(mongo), MongoMedia(mongo)
    statuses, notifications = MongoStatuses(mongo), MongoNotifications(mongo)
    presence, locks, limits, jobs = (
        RedisPresence(redis),
        RedisLocks(redis),
        RedisLimits(settings.redis_url),
        RqJobs(redis),
    )
    people = People(users, chats, media)
    attendance = Attendance(presence, people, users, announcer, now)
    notifying = Notifying(notifications, chats, presence, announcer, now)
    chatting = Chatting(chats, users, media, notifications, announcer, jobs, limits, locks, now)
    calling = Calling(MongoCalls(mongo), users, presence, notifying, announcer, now)
    files = Files(media, chats, statuses, people, jobs, now)
    return Services(
        accounts=Accounts(users, MongoTokens(mongo), settings.secret_key, now),
        people=people,
        attendance=attendance,
        chatting=chatting,
        calling=calling,
        notifying=notifying,
        showing=Showing(statuses, media, people, announcer, now),
        files=files,
        limits=limits,
        upkeep=Upkeep(attendance, calling, chatting, files, locks),
    )


def create_app(settings: Settings | None = None) -> Flask:
    """An application of its own: two of them in one process share nothing."""
    settings = settings or Settings.of()
    observe.set_up_logs(settings.log_level)
    app = Flask("chat", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=JSON_LARGEST,
        API_TITLE="Groundup chat",
        API_VERSION=chat.__version__,
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"security": [{"token": []}]},
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    if settings.cors_origins:
        CORS(app, origins=list(settings.cors_origins), resources=r"/api/*", expose_headers=["X-Request-Id"])

    mongo = Mongo(settings.mongodb_uri)
    bus = RedisBus(settings.redis_url)
    services = app.extensions["chat"] = build(settings, BusAnnouncer(bus), mongo)
    numbers = observe.Numbers()
    observe.init_app(app, numbers)
    health.init_app(app, {"mongo": mongo_probe(mongo), "redis": redis_probe(settings.redis_url)}, numbers)
    app.url_map.converters |= {"id": IdConverter, "name": NameConverter}
    api = Document(app)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for routes in BLUEPRINTS:
        api.register_blueprint(routes)
    envelope.init_app(app)

    socketio = SocketIO(
        app,
        async_mode="threading",
        client_manager=bus,
        cors_allowed_origins=list(settings.cors_origins) or None,
        max_http_buffer_size=FRAME_LARGEST,
        ping_interval=10,
        ping_timeout=10,
    )
    door = Door(socketio, services, numbers)
    sockets.init(socketio, door)
    asyncapi.init_app(app, door)
    pages.init_app(app)
    bus.heard_again = partial(heard_again, door)
    socketio.start_background_task(keep_up, door)
    app.extensions["door"] = door
    return app
