"""Takes back the newest revision; `alembic downgrade -1` does the same."""

from alembic import command
from alembic.config import Config

command.downgrade(Config("alembic.ini"), "-1")
