"""The real servers that learners' programs talk to: found, started, confined, emptied, ended.

:class:`~grader.services.house.Services` is the face. It knows no exercise, no check and no
verdict; that a service is missing is said in words, and nobody's failure.
"""

from grader.services.failures import NotNamed, ServiceFailure, ServiceLost, ServiceMissing
from grader.services.house import Services
from grader.services.places import Sources
from grader.services.tiers import TITLES, VARIABLES

__all__ = [
    "TITLES",
    "VARIABLES",
    "NotNamed",
    "ServiceFailure",
    "ServiceLost",
    "ServiceMissing",
    "Services",
    "Sources",
]
