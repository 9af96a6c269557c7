"""The Notes API. The contract and the tasks are in README.md (grader show notes-crud)."""

from flask import Flask

app = Flask(__name__)

notes = {}


@app.get("/notes")
def list_notes():
    return []


# Task 1 starts here: POST /notes.
