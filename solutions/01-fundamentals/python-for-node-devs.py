# %% [markdown]
# # Python for those who know Node.js
#
# A small shop was ported from Node.js to Python, line by line. It passed its tests, which had one customer.
# On the first day the second customer found the first one's present in his basket:

# %%
# play: the line-by-line port. Who put the ring in there?
def add_to_basket(item, basket=[]):
    basket.append(item)
    return basket


print("Ada:", add_to_basket("ring"))
print("Bo: ", add_to_basket("socks"))

# %% [markdown]
# Each line of it looks right to somebody who knows JavaScript. That is the danger: most of what you know carries
# over, so you stop checking, and the few things that differ do not raise an error. This lab is about those.
#
# You will be able to
#
# - write what you know from JavaScript in Python that Python people read without a frown;
# - name the translations that run and are wrong, before they reach a customer;
# - run things at the same time with `asyncio`, and say what freezes everybody.
#
# Easy, about 55 minutes. Run the cells from top to bottom with Shift+Enter. Cells that begin with `# play` are
# for experiments: change them. The others are for answers, and `lab.check(1)` says whether task 1 is done.

# %% nbgrader={"grade_id": "setup", "locked": true}
from grader.notebooks import Lab

lab = Lab("python-for-node-devs-lab")

# %% [markdown]
# ## 1 · Data: spread, map, templates
#
# ```js
# const [first, ...others] = names;
# const loud = { ...base, debug: true };
# const long = names.filter(n => n.length > 3).map(n => `Dr ${n}`);
# ```
#
# ```python
# first, *others = names
# loud = {**base, "debug": True}          # keys are strings in quotes; True has a capital letter
# long = [f"Dr {n}" for n in names if len(n) > 3]
# ```
#
# The last line is a **comprehension**: what to make, from which item, under which condition. For a sum there is
# `sum(n * n for n in numbers)`, where JavaScript would `reduce`. `map` and `filter` exist, too, but mislead:

# %%
# play: a filter in Python gives its items once. Why is the second line 0?
long = filter(lambda name: len(name) > 3, ["Al", "Edsger", "Grace"])
print("names:", [f"Dr {name}" for name in long])
print("letters:", sum(len(name) for name in long))
print(f"a template needs its f and no dollar: {3 / 8:.2f}, ${3 / 8:.2f}, " + "{3 / 8:.2f}")

# %% [markdown]
# `filter` gave no list but a stream, and the first loop drank it. A comprehension in `[…]` is a list, for as many
# walks as you like. In an f-string the part behind the colon is a format: `:.2f` means two decimal places.
#
# One more thing carries over, and bites in both languages: `settings = defaults` copies nothing. It is a
# second name for the same dictionary, and `settings.update(…)` changes both.


# %% nbgrader={"grade_id": "settings-for", "solution": true}
def settings_for(defaults, people):
    """A list with one dictionary for each of `people`: the defaults, with that person's own
    settings on top.

    settings_for({"lang": "en"}, [{"lang": "nl"}, {}]) gives [{"lang": "nl"}, {"lang": "en"}].
    """
    ### BEGIN SOLUTION
    return [{**defaults, **own} for own in people]
    ### END SOLUTION


# %% nbgrader={"grade_id": "receipt", "solution": true}
def receipt(items):
    """The lines of a receipt and its total in cents. An item is [name, cents for one, count];
    skip those with count 0.

    receipt([["lamp", 1250, 2], ["rug", 900, 0]]) gives
    {"lines": ["lamp x2: 25.00"], "total": 2500}.
    """
    ### BEGIN SOLUTION
    bought = [item for item in items if item[2] > 0]
    return {
        "lines": [f"{name} x{count}: {cents * count / 100:.2f}" for name, cents, count in bought],
        "total": sum(cents * count for _, cents, count in bought),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-1", "grade": true}
lab.check(1)

# %% [markdown]
# ## 2 · Truth, equality, numbers
#
# What counts as false is not the same. Look for the lines where JavaScript would say something else.

# %%
# play: guess each line before you run it
print("false:", [value for value in (None, 0, "", [], {}, "0") if not value])
print("equal by content:", [1, 2] == [1, 2], {"a": 1} == {"a": 1})
print("nothing is converted:", "1" == 1)
print("but True is a number:", True == 1, True + True)
big = int("1000")
print("equal:", big == int("1000"), " the same object:", big is int("1000"))
print("9007199254740993 + 2 =", 9007199254740993 + 2)
print("7 / 2 =", 7 / 2, "  7 // 2 =", 7 // 2, "  -7 // 2 =", -7 // 2, "  -7 % 5 =", -7 % 5)

# %% [markdown]
# - Empty lists and dictionaries are **false** here. `tags || fallback` keeps an empty array in JavaScript;
#   `tags or fallback` throws an empty list away.
# - `===` becomes `==`, **not** `is`. `is` asks whether two names mean one and the same object; small integers
#   happen to be shared, so it seems to work until the numbers grow. Use it for `is None` and little else.
# - There is no `undefined`. A key that is missing raises `KeyError`: `query["limit"]`. `query.get("limit")` gives
#   `None` instead, and `query.get("limit", 20)` gives 20, but only if the key is *missing*: a `None` in there stays.
# - Integers have as many digits as they need. `/` always gives a float, which has only 53 bits; `//` divides whole
#   numbers and rounds down. `int(a / b)` is `//` with digits lost.
#
# There is no `??` either: you write down what you mean, with `is None` or `is not None`.


# %% nbgrader={"grade_id": "option", "solution": true}
def option(name, query, settings, fallback):
    """JavaScript's query[name] ?? settings[name] ?? fallback: the first that is not missing.

    None is missing, too. 0, False, "" and [] are values like any other:
    option("limit", {"limit": 0}, {"limit": 5}, 20) gives 0.
    """
    ### BEGIN SOLUTION
    for source in (query, settings):
        if source.get(name) is not None:
            return source[name]
    return fallback
    ### END SOLUTION


# %% nbgrader={"grade_id": "share", "solution": true}
def share(amount, people):
    """Whole units for each of `people`, and what is left.

    share(100, 3) gives {"each": 33, "left": 1}.
    Amounts may have thirty digits (some currencies have 18 decimal places), and no digit may be
    lost.
    """
    ### BEGIN SOLUTION
    return {"each": amount // people, "left": amount % people}
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-2", "grade": true}
lab.check(2)

# %% [markdown]
# ## 3 · Functions: defaults, stars, closures
#
# ```js
# const connect = (host, { port = 5432, tls = true } = {}) => …;   // an object full of options
# connect("db", { port: 6432 });
# const log = (...args) => console.log(...args);
# ```
#
# ```python
# def connect(host, *, port=5432, tls=True): ...    # behind the star: only by name
# connect("db", port=6432)
# def log(*args, **named): print(*args, **named)    # args is a tuple, named a dictionary
# ```
#
# Back to the ring. JavaScript evaluates a default at **each call**. Python does it **once**, when it runs the `def`,
# and all calls share that one list. There are two cures, and careful people take both: never change what was handed to
# you, or let the default be `None` and make the list inside.

# %%
# play: the default belongs to the function, not to the call
print("still there:", add_to_basket.__defaults__)

buttons = []
for colour in ["red", "green", "blue"]:
    buttons.append(lambda: colour)
print("pressed in order:", [press() for press in buttons])

# %% [markdown]
# The second half is another sharing. `for (const colour of …)` makes a new variable for each round in JavaScript.
# Python has **one** variable for the whole loop, and a function looks it up when it is *called*: then it is `"blue"`.
# Give each function a variable of its own: make it in another function that gets `colour` as an argument, or keep the
# value as a default (`lambda colour=colour: colour`). This time it is good that a default is evaluated once.


# %% nbgrader={"grade_id": "press-all", "locked": true}
def press_all(names, pressed):
    """Your handlers_for at work: some buttons are pressed; what did their handlers note?"""
    heard = []
    handlers = handlers_for(names, heard)
    for name in pressed:
        handlers[name]()
    return heard


# %% nbgrader={"grade_id": "tagged", "solution": true}
def tagged(*tags, onto=[]):
    """A new list of the tags in `onto`, then `tags`.

    tagged("a", "b", onto=["x"]) gives ["x", "a", "b"].
    Without onto: only `tags`, at every call. The first line is a line-by-line port; you may
    change its default.
    """
    ### BEGIN SOLUTION
    return [*onto, *tags]
    ### END SOLUTION


# %% nbgrader={"grade_id": "handlers-for", "solution": true}
def handlers_for(names, heard):
    """A dictionary with a function for each name; called without arguments, it appends its name
    to the list `heard`.
    """

    ### BEGIN SOLUTION
    def handler_of(name):
        return lambda: heard.append(name)

    return {name: handler_of(name) for name in names}
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-3", "grade": true}
lab.check(3)

# %% [markdown]
# ## 4 · Shapes: dataclasses, hints, match
#
# A **dataclass** is a class that is mostly its fields; `__init__`, `==` and a readable `print` come for free. The types
# behind the colons are **hints**: as in TypeScript, tools read them, and the running program does not.

# %% nbgrader={"grade_id": "line", "locked": true}
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of an order; price in cents."""

    name: str
    price: int
    quantity: int

    @property
    def total(self):
        return self.price * self.quantity


PAID, REFUNDED = "paid", "refunded"

# %%
# play: what does this order cost? The quantity came from a form, and forms send text
print(Line("lamp", 12, 3))
print(Line("lamp", 12, "3").total)

OK = 200
for answer in ({"status": 200}, {"status": 500}):
    match answer:
        case {"status": OK}:
            print(answer, "was taken for OK, and OK is now", OK)

# %% [markdown]
# Two surprises. In JavaScript `12 * "3"` is 36. Here a text times a number is the text, many times, and the
# hint `int` stopped nobody. Data from outside is converted where it comes in: `int(" 3 ")` gives 3.
#
# `match` looks like `switch`, but a `case` is a **pattern**, like the left side of a destructuring: `{"status": OK}`
# means "has a status; call it OK", and it fits everything. Only literals (`200`, `"paid"`) and names with a dot
# (`http.OK`) are compared. A dictionary pattern fits if its keys are there, whatever else is. No `break`:
# a case never falls through, `case "a" | "b":` takes both, and `case _:` is the default.
#
# ```python
# match message:
#     case {"type": "text", "body": body}: ...
#     case {"type": "image" | "video", "url": url}: ...
# ```


# %% nbgrader={"grade_id": "line-total", "solution": true}
def line_total(form):
    """What one line of an order costs in cents; make a Line on the way.

    form has "name" and "price" (a number, from our catalogue) and "quantity" (text, from a form
    in a browser).
    line_total({"name": "lamp", "price": 1250, "quantity": " 2"}) gives 2500.
    """
    ### BEGIN SOLUTION
    return Line(form["name"], form["price"], int(form["quantity"])).total
    ### END SOLUTION


# %% nbgrader={"grade_id": "balance", "solution": true}
def balance(events):
    """The amounts of all events whose "kind" is PAID, minus those of kind REFUNDED. Every other
    kind counts nothing.

    balance([{"kind": "paid", "amount": 9}, {"kind": "refunded", "amount": 2}, {"kind": "seen"}])
    gives 7.
    """
    ### BEGIN SOLUTION
    total = 0
    for event in events:
        match event:
            case {"kind": "paid", "amount": amount}:
                total += amount
            case {"kind": "refunded", "amount": amount}:
                total -= amount
    return total
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-4", "grade": true}
lab.check(4)

# %% [markdown]
# ## 5 · Cleaning up, and streams
#
# In JavaScript you write `try { … } finally { connection.release() }` around each use. In Python whoever lends
# the thing writes it once, as a **context manager**, and the users write `with`. The simplest way is
# a function with one `yield`: what is above it happens first, at the `yield` the body of the `with` runs, and what is
# below happens at the end. If the body raises, the exception comes out of the `yield`, as if that line had raised it.

# %%
# play: what happens to the last line if the body fails? Put a try and a finally around the yield
from contextlib import contextmanager


@contextmanager
def stage_light():
    print("light on")
    yield
    print("light off")


try:
    with stage_light():
        print("    singing")
        raise ValueError("lost my voice")
except ValueError as error:
    print("stopped:", error)

# %% nbgrader={"grade_id": "pool", "locked": true}
from contextlib import contextmanager
from itertools import islice


class Pool:
    """Connections to lend out; `take` one, and `give_back` it."""

    def __init__(self, size):
        self.free = size

    def take(self):
        if self.free == 0:
            raise ConnectionError("no connection is free")
        self.free -= 1

    def give_back(self):
        self.free += 1


def serve(jobs, size):
    """Your borrowed at work. A job is whether it fails; how did each end, what was free during
    each and after all?
    """
    pool, ended, meanwhile = Pool(size), [], []
    for fails in jobs:
        try:
            with borrowed(pool):
                meanwhile.append(pool.free)
                if fails:
                    raise ValueError("failed")
            ended.append("done")
        except (ValueError, ConnectionError) as error:
            ended.append(str(error))
    return {"ended": ended, "meanwhile": meanwhile, "free": pool.free}


# %% nbgrader={"grade_id": "borrowed", "solution": true}
@contextmanager
def borrowed(pool):
    """For `with borrowed(pool):` take a connection, run the body, give it back, even if the body
    fails.

    The failure of the body still reaches whoever wrote the `with`.
    """
    ### BEGIN SOLUTION
    pool.take()
    try:
        yield
    finally:
        pool.give_back()
    ### END SOLUTION


# %% [markdown]
# A function with `yield` in it is a **generator**, like `function*`. It runs only as far as somebody asks for
# the next item. That makes it Python's stream: you can read a thousand pages and hold one. `yield from page` yields
# each item of `page`, as `yield*` does.


# %% nbgrader={"grade_id": "archive", "locked": true}
def first(count, pages):
    """Your items at work: its first `count` items, and how many pages had to be fetched for them."""
    fetched = []

    def archive():
        for page in pages:
            fetched.append(page)
            yield page

    return {"items": list(islice(items(archive()), count)), "fetched": len(fetched)}


# %% nbgrader={"grade_id": "items", "solution": true}
def items(pages):
    """The items of all pages, one after the other; fetch a page (walk on in `pages`) only when it
    is needed.
    """
    ### BEGIN SOLUTION
    for page in pages:
        yield from page
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-5", "grade": true}
lab.check(5)

# %% [markdown]
# ## 6 · The event loop
#
# In Node.js the loop is always there, and a call of an `async` function starts at once. In Python **neither** is true.
# A call gives a *coroutine*, which does nothing until somebody awaits it. And a program has no loop until
# `asyncio.run(main())` starts one. A notebook is the exception: Jupyter runs a loop, so `await` works in any cell, and
# `asyncio.run` complains.

# %%
# play: was anything sent?
import asyncio


async def send(text):
    print("    sending", text)


first_letter = send("hello")
print("a call gives", type(first_letter).__name__, "and nothing was sent")
await first_letter

second_letter = asyncio.create_task(
    send("goodbye")
)  # this is what a promise is: it will run without being awaited
print("not yet, either: this cell has the loop until it awaits something")
await asyncio.sleep(0)

# %% [markdown]
# > **If you know Node.js:** a call is not a promise; a *task* is one. `Promise.all([f(1), f(2)])` becomes
# > `await asyncio.gather(f(1), f(2))`, or `gather(*[…])` for a list: it starts them all and gives the results
# > in the order you asked, whoever finishes first. Keep your tasks in a variable: one that nobody holds may be
# > thrown away in the middle.
#
# Below is a slow shop that counts how many questions are under way. Asked in a loop with `await`, there is never more
# than one.

# %% nbgrader={"grade_id": "shop", "locked": true}
import asyncio
import threading
import time


class Shop:
    """A slow shop: its first article takes longest. It keeps a diary of [name, begin, end]."""

    def __init__(self, prices):
        self.prices, self.diary = prices, []
        self.seconds = {name: 0.3 / place for place, name in enumerate(prices, 1)}
        self.under_way = self.most = 0

    async def price(self, name):
        begin = time.perf_counter()
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(self.seconds[name])
        self.under_way -= 1
        self.diary.append([name, begin, time.perf_counter()])
        return self.prices[name]


async def shopping(prices):
    """Your prices_of at work: what it found, and how many questions were under way at the same
    time.
    """
    shop = Shop(prices)
    found = await prices_of(shop, list(prices))
    return {"prices": found, "most": shop.most}


# %% [markdown]
# The other half is what you know as "don't block the event loop". It holds here, and is easier to forget: most Python
# libraries are older than `asyncio`, and **block**. `async` in front of a function changes nothing about that.
# `await asyncio.to_thread(function, argument)` lets a thread wait, and the loop goes on. Hand over the function and its
# arguments, without calling it.
#
# To see it, let a heart beat on the loop, and watch when it stops.


# %% nbgrader={"grade_id": "heart", "locked": true}
class Heart:
    """Beats on the event loop as often as the loop lets it."""

    def __init__(self):
        self.beats, self.beaten = [], threading.Event()

    async def beat(self):
        while True:
            self.beats.append(time.perf_counter())
            self.beaten.set()
            await asyncio.sleep(0.01)

    def felt(self, seconds):
        """Block this thread until the next beat; False if none comes in time."""
        self.beaten.clear()
        return self.beaten.wait(seconds)


async def studio(photos):
    """Your shrink_all at work: its answer, and for each photo whether the heart went on beating
    meanwhile.
    """
    heart, went_on = Heart(), []

    def shrink(photo):  # blocks its thread, as most libraries do
        went_on.append(heart.felt(0.5))
        return f"small {photo}"

    beating = asyncio.create_task(heart.beat())
    small = await shrink_all(shrink, photos)
    beating.cancel()
    return {"photos": small, "heart_went_on": went_on}


# %%
# play: each stroke is a beat. Where is nobody served?
import matplotlib.pyplot as plt


async def watched(work):
    heart = Heart()
    beating = asyncio.create_task(heart.beat())
    await asyncio.sleep(0.1)
    await work()
    await asyncio.sleep(0.1)
    beating.cancel()
    return [moment - heart.beats[0] for moment in heart.beats]


async def blocking():
    time.sleep(0.3)


rows = {
    "in a thread": await watched(lambda: asyncio.to_thread(time.sleep, 0.3)),
    "on the loop": await watched(blocking),
}
figure, axes = plt.subplots(figsize=(7, 2.5), layout="constrained")
axes.eventplot(list(rows.values()), linelengths=0.6, linewidths=2, colors="tab:orange")
axes.set_yticks(range(len(rows)), list(rows))
axes.set(
    xlabel="seconds",
    ylabel="time.sleep(0.3)",
    title="A call that blocks the loop stops every heart on it",
)
plt.show()


# %% nbgrader={"grade_id": "prices-of", "solution": true}
async def prices_of(shop, names):
    """The price of each name, in the order of names; `await shop.price(name)` gives one. Ask all
    at the same time.
    """
    ### BEGIN SOLUTION
    return await asyncio.gather(*[shop.price(name) for name in names])
    ### END SOLUTION


# %% nbgrader={"grade_id": "shrink-all", "solution": true}
async def shrink_all(shrink, photos):
    """What shrink(photo) gives for each photo, in order; shrink is no async function and blocks.
    Keep the loop free.
    """
    ### BEGIN SOLUTION
    return [await asyncio.to_thread(shrink, photo) for photo in photos]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-6", "grade": true}
lab.check(6)

# %%
# play: one question after the other, and your prices_of. What decides how long each takes?
in_turn, together = (Shop({"lamp": 12, "rug": 90, "chair": 45, "desk": 200}) for _ in range(2))
for name in in_turn.prices:
    await in_turn.price(name)
await prices_of(together, list(together.prices))

figure, panels = plt.subplots(
    1, 2, figsize=(7, 2.5), sharex=True, sharey=True, layout="constrained"
)
titles = "In turn: the waits add up", "Together: the longest counts"
for axes, shop, title in zip(panels, (in_turn, together), titles):
    zero = min(begin for _, begin, _ in shop.diary)
    for name, begin, end in sorted(shop.diary, key=lambda entry: entry[1]):
        axes.barh(name, end - begin, left=begin - zero, color="tab:blue")
    axes.set(xlabel="seconds", title=title)
panels[0].set_ylabel("question")
plt.show()

# %% [markdown]
# ## Self-check
#
# <details><summary>1. <code>page = query.get("page") or 1</code>: which two requests does this line treat alike that
# are not?</summary>
#
# One without a page and one that asks for page 0, if 0 arrives as a number. With `or`, everything that counts as
# false is replaced: 0, `False`, an empty text, an empty list. Ask `is None` if you mean "not there".
#
# </details>
#
# <details><summary>2. Somebody calls <code>save(user)</code> in an async function, and <code>save</code> is async, too.
# In Node.js a forgotten <code>await</code> still saves. And here?</summary>
#
# Nothing is saved. The call made a coroutine that nobody awaited; Python only warns that it "was never awaited".
#
# </details>
#
# <details><summary>3. Everything in a server is <code>async def</code>, and it still stands still for two seconds when
# somebody uploads a photo. What do you look for?</summary>
#
# A call that blocks without `await`: a library that is not async, `time.sleep`, a long computation. Waiting can move to
# `asyncio.to_thread`. A long computation in Python needs a process of its own: threads take turns at computing.
#
# </details>
#
# ## What comes next
#
# In `event-emitter` (`grader start event-emitter`) you write the class that Python does not have and Node.js is built
# on. You will need functions as values, `*args` and `**kwargs`, and the question who shares which list.
