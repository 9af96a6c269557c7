"""A whole class: what came in, graded once each, kept in a gradebook, and told to instructors and students."""
