# %% nbgrader={"grade_id": "settings-for", "solution": true}
def settings_for(defaults, people):
    """A list with one dictionary for each of `people`: the defaults, with that person's own settings on top.

    settings_for({"lang": "en"}, [{"lang": "nl"}, {}]) gives [{"lang": "nl"}, {"lang": "en"}].
    """
    found = []
    for own in people:
        settings = dict(defaults)
        settings.update(own)
        found.append(settings)
    return found

# %% nbgrader={"grade_id": "receipt", "solution": true}
def receipt(items):
    """The lines of a receipt and its total in cents. An item is [name, cents for one, count]; skip those with count 0.

    receipt([["lamp", 1250, 2], ["rug", 900, 0]]) gives {"lines": ["lamp x2: 25.00"], "total": 2500}.
    """
    lines, total = [], 0
    for name, cents, count in items:
        if count == 0:
            continue
        cost = cents * count
        total += cost
        lines.append("%s x%d: %d.%02d" % (name, count, cost // 100, cost % 100))
    return {"lines": lines, "total": total}

# %% nbgrader={"grade_id": "option", "solution": true}
def option(name, query, settings, fallback):
    """JavaScript's query[name] ?? settings[name] ?? fallback: the first that is there and not None.

    0, False, "" and [] are values like any other: option("limit", {"limit": 0}, {"limit": 5}, 20) gives 0.
    """
    if name in query and query[name] is not None:
        return query[name]
    elif name in settings and settings[name] is not None:
        return settings[name]
    else:
        return fallback

# %% nbgrader={"grade_id": "share", "solution": true}
def share(amount, people):
    """Whole units for each of `people`, and what is left: share(100, 3) gives {"each": 33, "left": 1}.

    Amounts may have thirty digits (some currencies have 18 decimal places), and no digit may be lost.
    """
    each, left = divmod(amount, people)
    return {"each": each, "left": left}

# %% nbgrader={"grade_id": "tagged", "solution": true}
def tagged(*tags, onto=None):
    """A new list of the tags in `onto`, then `tags`."""
    if onto is None:
        onto = []
    else:
        onto = onto.copy()
    for tag in tags:
        onto.append(tag)
    return onto

# %% nbgrader={"grade_id": "handlers-for", "solution": true}
def handlers_for(names, heard):
    """A dictionary with a function for each name; called without arguments, it appends its name to the list `heard`."""
    handlers = {}
    for name in names:

        def handler(name=name):
            heard.append(name)

        handlers[name] = handler
    return handlers

# %% nbgrader={"grade_id": "line-total", "solution": true}
def line_total(form):
    """What one line of an order costs in cents; make a Line on the way.

    form has "name" and "price" (a number, from our catalogue) and "quantity" (text, from a form in a browser).
    line_total({"name": "lamp", "price": 1250, "quantity": " 2"}) gives 2500.
    """
    quantity = int(form["quantity"].strip())
    line = Line(name=form["name"], price=form["price"], quantity=quantity)
    return line.total

# %% nbgrader={"grade_id": "balance", "solution": true}
def balance(events):
    """The amounts of all events whose "kind" is PAID, minus those of kind REFUNDED. Every other kind counts nothing.

    balance([{"kind": "paid", "amount": 9}, {"kind": "refunded", "amount": 2}, {"kind": "seen"}]) gives 7.
    """
    total = 0
    for event in events:
        if event["kind"] == PAID:
            total += event["amount"]
        elif event["kind"] == REFUNDED:
            total -= event["amount"]
    return total

# %% nbgrader={"grade_id": "borrowed", "solution": true}
class borrowed:
    """For `with borrowed(pool):` the two methods that `with` calls, written out."""

    def __init__(self, pool):
        self.pool = pool

    def __enter__(self):
        self.pool.take()

    def __exit__(self, kind, error, trace):
        self.pool.give_back()
        return False

# %% nbgrader={"grade_id": "items", "solution": true}
def items(pages):
    """The items of all pages, one after the other; fetch a page (walk on in `pages`) only when it is needed."""
    for page in pages:
        for item in page:
            yield item

# %% nbgrader={"grade_id": "prices-of", "solution": true}
async def prices_of(shop, names):
    """The price of each name, in the order of names; `await shop.price(name)` gives one. Ask all at the same time."""
    tasks = []
    for name in names:
        tasks.append(asyncio.create_task(shop.price(name)))
    prices = []
    for task in tasks:
        prices.append(await task)
    return prices

# %% nbgrader={"grade_id": "shrink-all", "solution": true}
async def shrink_all(shrink, photos):
    """What shrink(photo) gives for each photo, in order; shrink is no async function and blocks. Keep the loop free."""
    loop = asyncio.get_running_loop()
    small = []
    for photo in photos:
        small.append(await loop.run_in_executor(None, shrink, photo))
    return small
