"""The two settings: defaults, then the environment, then what the caller says."""

import os
from collections import ChainMap


def load(app, config):
    defaults = {"APP_NAME": "greeter", "APP_GREETING": "Hello"}
    environment = {key: value for key, value in os.environ.items() if key in defaults}
    app.config.from_mapping(ChainMap(dict(config or {}), environment, defaults))
