"""Work for later: what web processes ask for, and what a worker does."""
