"""``python -m app`` serves the greeter on PORT."""

import os

from app import create_app

create_app().run(port=int(os.environ["PORT"]), threaded=True)
