"""What a server loads: ``gunicorn -w 1 --threads 200 chat.wsgi:app``."""

from chat.app import create_app

app = create_app()
