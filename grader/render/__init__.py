"""A report as text for people and JSON for machines. Makes strings; prints nothing."""
