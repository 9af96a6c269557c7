"""Programs that attack the judge, and what it takes to let them: bait, bounds and workers."""
