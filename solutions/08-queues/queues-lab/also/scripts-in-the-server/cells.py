# %% nbgrader={"grade_id": "views", "solution": true}
def views(key):
    """How many views are counted under the key: a number, 0 if there is no such key."""
    try:
        return int(r.get(key))
    except TypeError:
        return 0


# %% nbgrader={"grade_id": "count-view", "solution": true}
def count_view(key):
    """Count one view more, and return the new number. None is lost, whoever else counts."""
    return r.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", 1, key, 1)


# %% nbgrader={"grade_id": "issue-code", "solution": true}
def issue_code(key, code, seconds):
    """Keep the code under the key for so many seconds, and return True.

    If there is one already, leave it as it is, its end too, and return False.
    """
    script = """
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
        redis.call('SETEX', KEYS[1], ARGV[2], ARGV[1])
        return 1
    """
    return r.eval(script, 1, key, code, seconds) == 1


# %% nbgrader={"grade_id": "redeem-code", "solution": true}
def redeem_code(key, guess):
    """Whether the guess is the code under the key, True or False. Right or wrong, the code is gone after it."""
    script = """
        local code = redis.call('GET', KEYS[1])
        redis.call('DEL', KEYS[1])
        return code
    """
    return r.register_script(script)(keys=[key]) == guess


# %% nbgrader={"grade_id": "change-profile", "solution": true}
def change_profile(key, changes):
    """Set each field of `changes` to its text; remove those whose value is None; leave all others alone.

    All at once or not at all. `changes` may be empty.
    """
    script = """
        for i = 1, #ARGV, 2 do
            local field, value = ARGV[i], ARGV[i + 1]
            if value == '' then redis.call('HDEL', KEYS[1], field)
            else redis.call('HSET', KEYS[1], field, string.sub(value, 2)) end
        end
    """
    words = []
    for field, value in changes.items():
        words += [field, "" if value is None else f"={value}"]
    r.eval(script, 1, key, *words)


# %% nbgrader={"grade_id": "load-profiles", "solution": true}
def load_profiles(keys):
    """The profiles under these keys, in one trip: a list of dictionaries, None where there is no profile."""
    script = """
        local found = {}
        for i, key in ipairs(KEYS) do found[i] = redis.call('HGETALL', key) end
        return found
    """
    answers = r.register_script(script)(keys=keys)
    return [dict(zip(answer[::2], answer[1::2])) or None for answer in answers]


# %% nbgrader={"grade_id": "first-visit", "solution": true}
def first_visit(key, visitor):
    """Put the visitor into the set under the key. True if they were not in it, else False."""
    return bool(r.eval("return redis.call('SADD', KEYS[1], ARGV[1])", 1, key, visitor))


# %% nbgrader={"grade_id": "add-points", "solution": true}
def add_points(key, player, points):
    """Give the player so many points more (or fewer, if negative). Returns the new total."""
    return int(r.eval("return redis.call('ZINCRBY', KEYS[1], ARGV[1], ARGV[2])", 1, key, points, player))


# %% nbgrader={"grade_id": "top", "solution": true}
def top(key, n):
    """The best n, at most: [[player, points], …], most points first, equals in any order. n is at least 1."""
    found = r.zrevrangebyscore(key, "+inf", "-inf", start=0, num=n, withscores=True)
    return [(player, points) for player, points in found]


# %% nbgrader={"grade_id": "rank-of", "solution": true}
def rank_of(key, player):
    """1 for the best. Equals share a rank: 50, 30, 30, 10 points are ranks 1, 2, 2, 4. None for a stranger."""
    script = """
        local points = redis.call('ZSCORE', KEYS[1], ARGV[1])
        if not points then return false end
        return redis.call('ZCOUNT', KEYS[1], '(' .. points, '+inf')
    """
    above = r.eval(script, 1, key, player)
    return None if above is None else above + 1


# %% nbgrader={"grade_id": "take-job", "solution": true}
def take_job(queue, busy):
    """Move the leftmost job of the queue to the right end of `busy`, and return it. None if there is no job."""
    script = """
        local job = redis.call('LPOP', KEYS[1])
        if job then redis.call('RPUSH', KEYS[2], job) end
        return job
    """
    return r.eval(script, 2, queue, busy)


# %% nbgrader={"grade_id": "finish-job", "solution": true}
def finish_job(busy, job):
    """Remove one such job from `busy`. True if there was one, else False."""
    return r.lrem(busy, count=1, value=job) != 0


# %% nbgrader={"grade_id": "put-back", "solution": true}
def put_back(queue, busy):
    """Move all jobs of `busy` back to the left end of the queue, in the order in which they are. Returns how many."""
    script = """
        local moved = 0
        while redis.call('RPOPLPUSH', KEYS[1], KEYS[2]) do moved = moved + 1 end
        return moved
    """
    return r.eval(script, 2, busy, queue)
