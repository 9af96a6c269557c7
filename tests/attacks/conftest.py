"""Keeps pytest out of the attacks: some of them hand in files that pytest would run."""

collect_ignore_glob = ["*"]
