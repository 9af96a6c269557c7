"""A course of one assignment; the students hand in ``app.py`` beside the notebook."""

c = get_config()  # noqa: F821 nbgrader puts it here
c.CourseDirectory.course_id = "bench"
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}
