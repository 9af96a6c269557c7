"""The yardstick of the attacks: a program that is no notes API and tries nothing either."""

from flask import Flask

app = Flask(__name__)


@app.errorhandler(404)
def nothing(error):
    return "I am a teapot.", 418
