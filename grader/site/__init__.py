"""The site: pages made from the course's own sources, for mkdocs to build."""
