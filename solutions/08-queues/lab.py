# %% [markdown]
# # A tour of Redis
#
# A theatre kept the number of free seats in Redis. To sell one, a program read the number, took one away and
# wrote the result back. Six programs did that, and each was tested. On the first night 214 people came with
# tickets for 200 seats. No command had failed: between reading and writing, another program had read as well.
#
# Redis is a server that keeps data in memory, under names, and does small things with it in one step. Which step
# exists depends on the type of the data. In this lab you try the five types that everybody uses, on a real
# server, and find out each time what goes wrong without the right step.
#
# You will be able to choose a type and a command for a counter, a code that is good once, a profile, a list of
# visitors, a leaderboard and a queue. (Easy, 60 minutes. You need functions, dictionaries and `with`.)
#
# Run the cells from top to bottom. Those that begin with `# play` are for you alone: change them, break them, run
# them again. After each task, `lab.check(…)` says how your functions did.

# %% nbgrader={"grade_id": "setup", "locked": true}
import redis
from grader.notebooks import Lab

lab = Lab("queues-lab")
r = redis.Redis.from_url(lab.url("redis"), decode_responses=True)

# %% [markdown]
# `r` is a **client**: each method is a command, sent over a connection to the server, and returns its answer.
# With `decode_responses=True` answers are text; without, they would be bytes. The library is redis-py.
#
# ## 1 · Strings, and a step that nobody can enter
#
# Under a **key** lies a value. The simplest is a string. Colons in a key are only a habit, but everybody has it.

# %%
# play: what comes back?
r.delete("play:greeting", "play:views")
r.set("play:greeting", "good evening")
r.set("play:views", 41)
for key in ("play:greeting", "play:views", "play:nothing"):
    print(key, "→", repr(r.get(key)))
print("INCR →", repr(r.incr("play:views")), "· and a missing key →", repr(r.incr("play:new")))
r.delete("play:new")

# %% [markdown]
# A number went in and text came out: `get` gives text, or `None` where there is nothing. `INCR` adds one inside of
# the server and gives the new number. A missing key counts as 0.
#
# Could you not read, add and write? Redis carries out one command after the other, never two at once. But *between*
# two of your commands, it serves everybody else. Let several threads count, fifty times each, in both ways.

# %%
# play: how many views are lost?
import threading

import matplotlib.pyplot as plt


def clumsy_count(key):
    number = int(r.get(key) or 0)
    r.set(key, number + 1)


def counted_by(threads, count):
    r.delete("play:views")
    crowd = [
        threading.Thread(target=lambda: [count("play:views") for _ in range(50)])
        for _ in range(threads)
    ]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    return int(r.get("play:views"))


crowds = [1, 2, 4, 8]
plt.figure(figsize=(7, 2.5))
plt.plot(
    crowds,
    [counted_by(threads, r.incr) for threads in crowds],
    "o-",
    color="tab:blue",
    label="INCR",
)
plt.plot(
    crowds,
    [counted_by(threads, clumsy_count) for threads in crowds],
    "s--",
    color="tab:orange",
    label="GET, SET",
)
plt.xlabel("threads, 50 views each")
plt.ylabel("views counted")
plt.title("Whoever reads first and writes later loses what came in between")
plt.legend()
plt.show()

# %% [markdown]
# With one thread both are right, and so are all your tests. With two, two people read 41 and both write 42.
#
# > **If you know Node.js:** one thread does not protect you. Each `await` between reading and writing is a gap in
# > which other requests run, and there is usually more than one process.
#
# Threads show this now and then. To see it **every** time, we put somebody into the gap. A call that goes to the
# server and back is a **trip**. The next cell replaces redis-py's three doors to the server by ones that count the
# trips. Before a trip of your choice, somebody else gets in a command, or your program dies.

# %% nbgrader={"grade_id": "in-between", "locked": true}
from unittest.mock import patch

from redis.client import Pipeline

other = redis.Redis.from_url(lab.url("redis"), decode_responses=True)  # somebody else's connection


class Died(BaseException):
    """The program has ended in the middle of its work."""


def in_between(name, *arguments, trip=0, command=None):
    """Call the function with this name, and count its trips to Redis.

    Just before number `trip`, somebody else sends `command`. If there is none, the program dies
    there.
    """
    seen = {"trips": 0, "result": None, "other": None, "died": False}

    def watched(method):
        def travel(client, *args, **options):
            if client is not other:
                seen["trips"] += 1
                if command is None and 0 < trip <= seen["trips"]:
                    raise Died
                if command is not None and trip == seen["trips"]:
                    seen["other"] = other.execute_command(*command)
            return method(client, *args, **options)

        return travel

    with (
        patch.object(redis.Redis, "execute_command", watched(redis.Redis.execute_command)),
        patch.object(Pipeline, "execute", watched(Pipeline.execute)),
        patch.object(
            Pipeline, "immediate_execute_command", watched(Pipeline.immediate_execute_command)
        ),
    ):
        try:
            seen["result"] = globals()[name](*arguments)
        except Died:
            seen["died"] = True
    return seen


# %%
# play: clumsy_count makes two trips; somebody else counts a view before the second
r.set("play:views", 41)
print(in_between("clumsy_count", "play:views", trip=2, command=["INCR", "play:views"]))
print("two views were counted; 41 became", r.get("play:views"))

# %% [markdown]
# The other one was told 42 (`'other'`), and then yours wrote 42 over it. A function that needs **one** trip has no
# gap. That is the idea of all tasks here: find the command that does it in one.
#
# **Task 1.** Write `views` and `count_view`. The checks put somebody in between, as above.


# %% nbgrader={"grade_id": "views", "solution": true}
def views(key):
    """How many views are counted under the key: a number, 0 if there is no such key."""
    ### BEGIN SOLUTION
    return int(r.get(key) or 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "count-view", "solution": true}
def count_view(key):
    """Count one view more, and return the new number. None is lost, whoever else counts."""
    ### BEGIN SOLUTION
    return r.incr(key)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-1", "grade": true}
lab.check(1)

# %% [markdown]
# ## 2 · Keys that end
#
# A key may have a **time to live** (TTL). When it is over, the key is gone; nobody has to tidy up. `set` takes it as
# `ex`, in seconds. `ttl` says how much is left: −1 means "for ever", −2 "no such key".

# %%
# play: watch a key end (this takes three seconds)
import time

r.set("play:code", "4711", ex=2)
for _ in range(6):
    print(f"{r.pttl('play:code'):5} ms left · {r.get('play:code')}")
    time.sleep(0.5)

# %%
# play: what does each line answer?
r.delete("play:code")
print("NX, free:  ", r.set("play:code", "4711", ex=60, nx=True))
print("NX, taken: ", r.set("play:code", "0815", ex=60, nx=True), "· still", r.get("play:code"))
print("SET alone: ", r.set("play:code", "0815"), "· TTL", r.ttl("play:code"))
print("GETDEL:    ", r.getdel("play:code"), "· again:", r.getdel("play:code"))

# %% [markdown]
# - `nx=True` writes only if there is nothing yet. One asks and writes in one step, so of many exactly one gets
#   `True`. The others get `None`, not `False`. A **lock** is made of this: who could write, may work.
# - A plain `set` takes the end away. And `set`, then `expire`, leaves a gap: die in it, and the key stays for ever.
# - `getdel` reads and deletes in one step. Of many who ask, one gets the value.
#
# **Task 2.** Somebody logs in with a code from a mail. It ends after some seconds. As long as one is there, no other is
# given out. And it is good for **one try**: if guessing were free, a program would try all of them.


# %% nbgrader={"grade_id": "issue-code", "solution": true}
def issue_code(key, code, seconds):
    """Keep the code under the key for so many seconds, and return True.

    If there is one already, leave it as it is, its end too, and return False.
    """
    ### BEGIN SOLUTION
    return bool(r.set(key, code, ex=seconds, nx=True))
    ### END SOLUTION


# %% nbgrader={"grade_id": "redeem-code", "solution": true}
def redeem_code(key, guess):
    """Whether the guess is the code under the key, True or False. Right or wrong, the code is
    gone after it.
    """
    ### BEGIN SOLUTION
    return r.getdel(key) == guess
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-2", "grade": true}
lab.check(2)

# %% [markdown]
# ## 3 · Hashes, and several commands in one trip
#
# A profile has a name, a town, a language. As one JSON text under one key, each change has to read all of it and write
# all of it: the gap again, only larger. A **hash** has fields, and each can be changed alone.

# %%
# play: Ida has two windows open
r.delete("play:ida", "play:ghost")
r.hset("play:ida", mapping={"name": "Ida", "town": "Turku", "visits": 1})
r.hset("play:ida", "town", "Oulu")  # window one
r.hset("play:ida", "language", "fi")  # window two, at the same time
r.hincrby("play:ida", "visits", 1)
print(r.hgetall("play:ida"))
print(
    "fields removed:", r.hdel("play:ida", "language", "shoes"), "· nobody:", r.hgetall("play:ghost")
)
try:
    r.hset("play:ida", "town", None)
except redis.DataError as error:
    print("None is no value:", error)

# %% [markdown]
# Where there is no key, `hgetall` gives an empty dictionary. A hash without fields does not exist.
#
# Setting and removing are two commands. A **pipeline** collects commands and sends them in one trip; `execute` returns
# the list of answers. redis-py wraps them in `MULTI` and `EXEC`, which makes it a **transaction**: they are carried out
# together, nobody comes in between. (`pipeline(transaction=False)` saves the trips only.) What you cannot do in it is
# look at an answer and decide: the answers come after `execute`.
#
# Trips are also what takes time. Here the server is on your own machine. In a data centre a trip takes perhaps
# half a millisecond, and then a page that makes 200 of them takes a tenth of a second for nothing.


# %%
# play: 1000 commands, each for itself and together
def one_by_one():
    for number in range(1000):
        r.set("play:number", number)


def together():
    with r.pipeline() as pipe:
        for number in range(1000):
            pipe.set("play:number", number)  # goes nowhere yet
        return pipe.execute()


speeds = {}
for name in ("one_by_one", "together"):
    begin = time.perf_counter()
    globals()[name]()
    seconds = time.perf_counter() - begin
    speeds[f"{name}\ntrips: {in_between(name)['trips']}"] = 1000 / seconds
plt.figure(figsize=(7, 2.5))
plt.barh(list(speeds), list(speeds.values()), color=["tab:orange", "tab:blue"])
plt.xlabel("commands a second")
plt.title("The server is as quick as ever; the way to it is not")
plt.show()

# %% [markdown]
# > **If you know Node.js:** node-redis sends what you ask for in one tick together, without `MULTI`. redis-py waits
# > for each answer, unless you make a pipeline.
#
# **Task 3.** Change a profile so that nobody ever sees half of a change, and fetch many profiles in one trip.


# %% nbgrader={"grade_id": "change-profile", "solution": true}
def change_profile(key, changes):
    """Set each field of `changes` to its text; remove those whose value is None; leave all others
    alone.

    All at once or not at all. `changes` may be empty.
    """
    ### BEGIN SOLUTION
    values = {field: value for field, value in changes.items() if value is not None}
    gone = [field for field, value in changes.items() if value is None]
    with r.pipeline() as pipe:
        if values:
            pipe.hset(key, mapping=values)
        if gone:
            pipe.hdel(key, *gone)
        pipe.execute()
    ### END SOLUTION


# %% nbgrader={"grade_id": "load-profiles", "solution": true}
def load_profiles(keys):
    """The profiles under these keys, in one trip: a list of dictionaries, None where there is no
    profile.
    """
    ### BEGIN SOLUTION
    with r.pipeline() as pipe:
        for key in keys:
            pipe.hgetall(key)
        return [profile or None for profile in pipe.execute()]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-3", "grade": true}
lab.check(3)

# %% [markdown]
# ## 4 · Sets: each once
#
# How many people were on the page today? A list of names would hold Ida forty times, and to find that out you would
# have to read it. A **set** holds each once, and `SADD` says how many were new.

# %%
# play: two days
r.delete("play:monday", "play:tuesday")
for name in ("Ida", "Mei", "Ida", "Omar"):
    print("SADD", name, "→", r.sadd("play:monday", name))
r.sadd("play:tuesday", "Noah", "Ida")
print(
    "Monday:     ", r.scard("play:monday"), "people · Mei:", bool(r.sismember("play:monday", "Mei"))
)
print("both days:  ", r.sinter("play:monday", "play:tuesday"))
print("either day: ", sorted(r.sunion("play:monday", "play:tuesday")), "(a set has no order)")

# %% [markdown]
# **Task 4.** Who is here for the first time gets a welcome, and gets it once, even from two programs. First asking
# and then adding has the gap that you know by now.


# %% nbgrader={"grade_id": "first-visit", "solution": true}
def first_visit(key, visitor):
    """Put the visitor into the set under the key. True if they were not in it, else False."""
    ### BEGIN SOLUTION
    return r.sadd(key, visitor) == 1
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-4", "grade": true}
lab.check(4)

# %% [markdown]
# ## 5 · Sorted sets: a leaderboard
#
# A **sorted set** is a set whose members have a number each, the **score**, and always stand in its order. Redis
# finds the best three of a million without looking at the others. With times as scores it is a calendar.

# %%
# play: a small one, with two who are equal
r.delete("play:game")
r.zadd("play:game", {"Ida": 30, "Mei": 50, "Omar": 30, "Noah": 10})
print("lowest first: ", r.zrange("play:game", 0, -1, withscores=True))
print("highest first:", r.zrange("play:game", 0, 1, desc=True, withscores=True))
print("the place of Omar, Ida:", r.zrevrank("play:game", "Omar"), r.zrevrank("play:game", "Ida"))
print(
    "Ida wins 5 more:",
    r.zincrby("play:game", 5, "Ida"),
    "· Zoe's score:",
    r.zscore("play:game", "Zoe"),
)
print(
    "from 30 on:",
    r.zcount("play:game", 30, "+inf"),
    "· above 30:",
    r.zcount("play:game", "(30", "+inf"),
)

# %% [markdown]
# - Both ends of a range are inside: `0, 1` gives two. Places begin with 0.
# - Scores are floats.
# - Omar and Ida had 30 points each, but got different places: equal scores are put in the order of the names. For a
#   *place* somebody has to decide. A fair *rank* is another thing: one more than the number of those who have more.
#   Two who share rank 2 are followed by rank 4. `zcount` counts scores between two bounds; with `(` the bound itself
#   is out.
#
# **Task 5.** Write the leaderboard.


# %% nbgrader={"grade_id": "add-points", "solution": true}
def add_points(key, player, points):
    """Give the player so many points more (or fewer, if negative). Returns the new total."""
    ### BEGIN SOLUTION
    return int(r.zincrby(key, points, player))
    ### END SOLUTION


# %% nbgrader={"grade_id": "top", "solution": true}
def top(key, n):
    """The best n, at most: [[player, points], …], most points first, equals in any order. n is at
    least 1.
    """
    ### BEGIN SOLUTION
    best = r.zrange(key, 0, n - 1, desc=True, withscores=True)
    return [[player, int(points)] for player, points in best]
    ### END SOLUTION


# %% nbgrader={"grade_id": "rank-of", "solution": true}
def rank_of(key, player):
    """1 for the best. Equals share a rank: 50, 30, 30, 10 points are ranks 1, 2, 2, 4. None for a
    stranger.
    """
    ### BEGIN SOLUTION
    points = r.zscore(key, player)
    if points is None:
        return None
    return 1 + r.zcount(key, f"({points}", "+inf")
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-5", "grade": true}
lab.check(5)

# %%
# play: your leaderboard, drawn; change the points and run it again
r.delete("play:game")
for player, points in (
    ("Ida", 30),
    ("Mei", 50),
    ("Omar", 30),
    ("Noah", 10),
    ("Zoe", 42),
    ("Noah", 15),
):
    add_points("play:game", player, points)
best = top("play:game", 4)[::-1]
plt.figure(figsize=(7, 2.5))
labels = [f"{rank_of('play:game', player)}. {player}" for player, _ in best]
plt.barh(labels, [points for _, points in best], color="tab:blue")
plt.xlabel("points")
plt.title("The best four: who is equal shares a rank")
plt.show()

# %% [markdown]
# ## 6 · Lists: a queue that survives its worker
#
# A **list** has two ends. `RPUSH` adds at the right, `LPOP` takes from the left: a queue. Several workers can take from
# it, and no job is given to two of them. But what if a worker takes a job and dies?


# %%
# play: a worker dies with a job in its hands
def clumsy_worker(queue):
    job = r.lpop(queue)
    r.set("play:done", job)  # never reached


r.delete("play:queue", "play:busy")
r.rpush("play:queue", "mail Ida", "mail Mei", "mail Omar")
print(in_between("clumsy_worker", "play:queue", trip=2))
print("left:", r.lrange("play:queue", 0, -1))

# %% [markdown]
# Ida's mail is nowhere: not in the queue, and the only memory that held it is gone. So a job must never be only in the
# memory of a worker. `LMOVE` takes from one list and adds to another in one step. The second list says what is being
# done. When a job is finished, its worker removes it there. If the worker died, somebody finds it there and puts it
# back.

# %%
# play: the same with a second list
print("taken:", r.lmove("play:queue", "play:busy", src="LEFT", dest="RIGHT"))
print("queue:", r.lrange("play:queue", 0, -1), "· busy:", r.lrange("play:busy", 0, -1))
r.rpush("play:busy", "mail Tom", "mail Mei", "mail Tom")
print(
    "LREM, one of them:",
    r.lrem("play:busy", 1, "mail Tom"),
    "· busy:",
    r.lrange("play:busy", 0, -1),
)
print("from an empty list:", r.lmove("play:nothing", "play:busy", src="LEFT", dest="RIGHT"))

# %% [markdown]
# `blmove` does the same and waits while the queue is empty; that is for a worker's loop. Here nobody waits.
#
# **Task 6.** New jobs come in at the right, so the left one is next. Whatever dies wherever, each job is in
# exactly one of the two lists. The same text may be there twice, and then it is two jobs.


# %% nbgrader={"grade_id": "take-job", "solution": true}
def take_job(queue, busy):
    """Move the leftmost job of the queue to the right end of `busy`, and return it. None if there
    is no job.
    """
    ### BEGIN SOLUTION
    return r.lmove(queue, busy)  # from the left to the right, unless told otherwise
    ### END SOLUTION


# %% nbgrader={"grade_id": "finish-job", "solution": true}
def finish_job(busy, job):
    """Remove one such job from `busy`. True if there was one, else False."""
    ### BEGIN SOLUTION
    return r.lrem(busy, 1, job) == 1
    ### END SOLUTION


# %% nbgrader={"grade_id": "put-back", "solution": true}
def put_back(queue, busy):
    """Move all jobs of `busy` back to the left end of the queue, in the order in which they are.
    Returns how many.
    """
    ### BEGIN SOLUTION
    moved = 0
    while r.lmove(busy, queue, src="RIGHT", dest="LEFT") is not None:
        moved += 1
    return moved
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-6", "grade": true}
lab.check(6)

# %%
# play: three workers, one of which dies at its second job
r.delete("play:queue", "play:busy")
r.rpush("play:queue", *range(1, 7))
done = []
for worker in ("Mia", "Tom", "Mia", "Tom (dies)", "Eve", "Eve"):
    job = take_job("play:queue", "play:busy")
    if "dies" not in worker:
        done.append(job)
        finish_job("play:busy", job)
print("done:", done, "· busy:", r.lrange("play:busy", 0, -1))
print("put back:", put_back("play:queue", "play:busy"), "· queue:", r.lrange("play:queue", 0, -1))

# %% [markdown]
# ## Check yourself
#
# <details><summary>1. Somebody puts GET and SET into one pipeline to make a counter safe. What is missing?</summary>
#
# The answer of GET arrives with `execute`, so the number to SET would have to be known before. A transaction keeps
# others out, but cannot decide. INCR adds without your having to know.
#
# </details>
#
# <details><summary>2. A lock is taken with <code>set(key, "me", nx=True)</code>, and the program dies. When is it free?</summary>
#
# Never: the key has no end. With `ex=30` in the same command it is free after 30 seconds at the latest.
#
# </details>
#
# <details><summary>3. A worker sends a mail and dies before <code>finish_job</code>. What happens after <code>put_back</code>?</summary>
#
# The mail is sent a second time. A queue that loses nothing gives some things twice, so a job has to find out whether
# it was done already.
#
# </details>
#
# **What comes next.** The lesson of this stage, about queues, and the exercise `rq-reset-email`: a library, RQ, that
# is built of just these types, and jobs that fail, wait and come twice. In stage 9, `notes-cache-aside` lives on keys
# that end.
