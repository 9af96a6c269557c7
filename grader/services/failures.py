"""What can go wrong with a service, in words; none of it is the learner's fault."""

from __future__ import annotations


class ServiceFailure(Exception):
    """A service is not there when it is needed. ``remedy`` is what to type, empty if nothing is known."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class ServiceMissing(ServiceFailure):
    """This machine cannot provide the service, or not what a check asks of it."""


class ServiceLost(ServiceFailure):
    """The service was there and is not any more, or gives no answer."""


class NotStarted(Exception):
    """One candidate did not start; the text says why, for whoever asks after the last of them."""


class NotNamed(Exception):
    """A check uses a service that its exercise does not name: the author's mistake."""
