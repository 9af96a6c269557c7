"""The greeter as a package; what others may use of it is the factory."""

from app.factory import create_app

__all__ = ["create_app"]
