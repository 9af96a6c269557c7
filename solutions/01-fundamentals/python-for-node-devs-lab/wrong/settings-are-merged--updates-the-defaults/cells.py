# %% nbgrader={"grade_id": "settings-for", "solution": true}
def settings_for(defaults, people):
    """A list with one dictionary for each of `people`: the defaults, with that person's own settings on top.

    settings_for({"lang": "en"}, [{"lang": "nl"}, {}]) gives [{"lang": "nl"}, {"lang": "en"}].
    """
    found = []
    for own in people:
        settings = defaults
        settings.update(own)
        found.append(dict(settings))
    return found
