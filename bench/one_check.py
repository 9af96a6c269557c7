"""The short form of ``peers.py``: one check of notes-crud by our judge, beside plain pytest.

python bench/one_check.py [--runs 15] [--json FILE]
"""

from __future__ import annotations

import sys

from peers import start

if __name__ == "__main__":
    start(["--quick", *sys.argv[1:]])
