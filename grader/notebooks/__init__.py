"""Labs: notebooks built from one source each, and what they find of ours while somebody works in them.

``kernel`` is what a notebook imports, ``here`` the world that checks meet inside it; ``build`` makes releases
and pages, ``course`` a course for nbgrader. Marks are made elsewhere: ``grading`` judges a notebook that was
handed in, in the sandbox, and nothing that happened in Jupyter counts.
"""

from grader.notebooks.kernel import Lab

__all__ = ["Lab"]
