"""The routes, one module for each part of the contract."""

from chat.web.rest import accounts, calls, chats, media, notifications, statuses

BLUEPRINTS = (
    accounts.auth,
    accounts.user,
    chats.routes,
    calls.routes,
    statuses.routes,
    media.routes,
    notifications.routes,
)
