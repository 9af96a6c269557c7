"""Takes back the newest revision."""

from migrate import downgrade

downgrade()
