# %% nbgrader={"grade_id": "settings-for", "solution": true}
def settings_for(defaults, people):
    """A list with one dictionary for each of `people`: the defaults, with that person's own settings on top.

    settings_for({"lang": "en"}, [{"lang": "nl"}, {}]) gives [{"lang": "nl"}, {"lang": "en"}].
    """
    return [defaults | own for own in people]

# %% nbgrader={"grade_id": "receipt", "solution": true}
def receipt(items):
    """The lines of a receipt and its total in cents. An item is [name, cents for one, count]; skip those with count 0.

    receipt([["lamp", 1250, 2], ["rug", 900, 0]]) gives {"lines": ["lamp x2: 25.00"], "total": 2500}.
    """
    bought = [(name, cents * count, count) for name, cents, count in items if count]
    return dict(
        lines=["{} x{}: {:.2f}".format(name, count, cost / 100) for name, cost, count in bought],
        total=sum(cost for _, cost, _ in bought),
    )

# %% nbgrader={"grade_id": "option", "solution": true}
def option(name, query, settings, fallback):
    """JavaScript's query[name] ?? settings[name] ?? fallback: the first that is there and not None.

    0, False, "" and [] are values like any other: option("limit", {"limit": 0}, {"limit": 5}, 20) gives 0.
    """
    candidates = query.get(name), settings.get(name), fallback
    return next((value for value in candidates if value is not None), None)

# %% nbgrader={"grade_id": "share", "solution": true}
def share(amount, people):
    """Whole units for each of `people`, and what is left: share(100, 3) gives {"each": 33, "left": 1}.

    Amounts may have thirty digits (some currencies have 18 decimal places), and no digit may be lost.
    """
    return dict(zip(("each", "left"), divmod(amount, people)))

# %% nbgrader={"grade_id": "tagged", "solution": true}
from itertools import chain


def tagged(*tags, onto=()):
    """A new list of the tags in `onto`, then `tags`. A tuple cannot be changed, so it may be shared."""
    return list(chain(onto, tags))

# %% nbgrader={"grade_id": "handlers-for", "solution": true}
from functools import partial


def handlers_for(names, heard):
    """A dictionary with a function for each name."""
    return {name: partial(heard.append, name) for name in names}

# %% nbgrader={"grade_id": "line-total", "solution": true}
def line_total(form):
    """What one line of an order costs in cents; make a Line on the way.

    form has "name" and "price" (a number, from our catalogue) and "quantity" (text, from a form in a browser).
    line_total({"name": "lamp", "price": 1250, "quantity": " 2"}) gives 2500.
    """
    return Line(**(form | {"quantity": int(form["quantity"])})).total

# %% nbgrader={"grade_id": "balance", "solution": true}
from enum import StrEnum


class Kind(StrEnum):
    PAID = "paid"
    REFUNDED = "refunded"


def _signed(event):
    match event["kind"], event.get("amount", 0):
        case Kind.PAID, amount:
            return amount
        case Kind.REFUNDED, amount:
            return -amount
        case _:
            return 0


def balance(events):
    """Names with a dot are compared."""
    return sum(map(_signed, events))

# %% nbgrader={"grade_id": "borrowed", "solution": true}
from contextlib import ExitStack


@contextmanager
def borrowed(pool):
    """For `with borrowed(pool):` take, run the body, give back."""
    with ExitStack() as stack:
        pool.take()
        stack.callback(pool.give_back)
        yield pool

# %% nbgrader={"grade_id": "items", "solution": true}
from itertools import chain


def items(pages):
    """The items of all pages, one after the other."""
    return chain.from_iterable(pages)

# %% nbgrader={"grade_id": "prices-of", "solution": true}
async def prices_of(shop, names):
    """The price of each name, in the order of names; `await shop.price(name)` gives one. Ask all at the same time."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shop.price(name)) for name in names]
    return [task.result() for task in tasks]

# %% nbgrader={"grade_id": "shrink-all", "solution": true}
async def shrink_all(shrink, photos):
    """What shrink(photo) gives for each photo, in order; shrink is no async function and blocks. Keep the loop free."""
    return list(await asyncio.gather(*(asyncio.to_thread(shrink, photo) for photo in photos)))
