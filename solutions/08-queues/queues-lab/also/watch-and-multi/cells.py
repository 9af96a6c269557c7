# %% nbgrader={"grade_id": "views", "solution": true}
def views(key):
    """How many views are counted under the key: a number, 0 if there is no such key."""
    number = r.get(key)
    return 0 if number is None else int(number)


# %% nbgrader={"grade_id": "count-view", "solution": true}
def count_view(key):
    """Count one view more, and return the new number. None is lost, whoever else counts."""
    with r.pipeline() as pipe:
        while True:
            try:
                pipe.watch(key)
                number = int(pipe.get(key) or 0) + 1
                pipe.multi()
                pipe.set(key, number)
                pipe.execute()
            except redis.WatchError:
                continue  # somebody else has counted since the watch
            return number


# %% nbgrader={"grade_id": "issue-code", "solution": true}
def issue_code(key, code, seconds):
    """Keep the code under the key for so many seconds, and return True.

    If there is one already, leave it as it is, its end too, and return False.
    """
    def issue(pipe):
        taken = pipe.exists(key)
        pipe.multi()
        if not taken:
            pipe.set(key, code)
            pipe.expire(key, seconds)
        return not taken

    return r.transaction(issue, key, value_from_callable=True)


# %% nbgrader={"grade_id": "redeem-code", "solution": true}
def redeem_code(key, guess):
    """Whether the guess is the code under the key, True or False. Right or wrong, the code is gone after it."""
    with r.pipeline() as pipe:
        code, _ = pipe.get(key).delete(key).execute()
    return code == guess


# %% nbgrader={"grade_id": "change-profile", "solution": true}
def change_profile(key, changes):
    """Set each field of `changes` to its text; remove those whose value is None; leave all others alone.

    All at once or not at all. `changes` may be empty.
    """
    def change(pipe):
        profile = {**pipe.hgetall(key), **changes}
        pipe.multi()
        pipe.delete(key)
        for field, value in profile.items():
            if value is not None:
                pipe.hset(key, field, value)

    r.transaction(change, key)


# %% nbgrader={"grade_id": "load-profiles", "solution": true}
def load_profiles(keys):
    """The profiles under these keys, in one trip: a list of dictionaries, None where there is no profile."""
    pipe = r.pipeline(transaction=False)
    for key in keys:
        pipe.hgetall(key)
    profiles = []
    for profile in pipe.execute():
        profiles.append(profile if profile else None)
    return profiles


# %% nbgrader={"grade_id": "first-visit", "solution": true}
def first_visit(key, visitor):
    """Put the visitor into the set under the key. True if they were not in it, else False."""
    with r.pipeline() as pipe:
        before, _ = pipe.sismember(key, visitor).sadd(key, visitor).execute()
    return not before


# %% nbgrader={"grade_id": "add-points", "solution": true}
def add_points(key, player, points):
    """Give the player so many points more (or fewer, if negative). Returns the new total."""
    with r.pipeline() as pipe:
        _, total = pipe.zadd(key, {player: points}, incr=True).zscore(key, player).execute()
    return round(total)


# %% nbgrader={"grade_id": "top", "solution": true}
def top(key, n):
    """The best n, at most: [[player, points], …], most points first, equals in any order. n is at least 1."""
    return r.zrevrange(key, 0, n - 1, withscores=True)


# %% nbgrader={"grade_id": "rank-of", "solution": true}
def rank_of(key, player):
    """1 for the best. Equals share a rank: 50, 30, 30, 10 points are ranks 1, 2, 2, 4. None for a stranger."""
    players = r.zrange(key, 0, -1, withscores=True)
    mine = dict(players).get(player)
    return None if mine is None else 1 + sum(points > mine for _, points in players)


# %% nbgrader={"grade_id": "take-job", "solution": true}
def take_job(queue, busy):
    """Move the leftmost job of the queue to the right end of `busy`, and return it. None if there is no job."""
    def take(pipe):
        job = pipe.lindex(queue, 0)
        pipe.multi()
        if job is not None:
            pipe.lpop(queue)
            pipe.rpush(busy, job)
        return job

    return r.transaction(take, queue, value_from_callable=True)


# %% nbgrader={"grade_id": "finish-job", "solution": true}
def finish_job(busy, job):
    """Remove one such job from `busy`. True if there was one, else False."""
    return bool(r.lrem(busy, -1, job))


# %% nbgrader={"grade_id": "put-back", "solution": true}
def put_back(queue, busy):
    """Move all jobs of `busy` back to the left end of the queue, in the order in which they are. Returns how many."""
    def move(pipe):
        jobs = pipe.lrange(busy, 0, -1)
        pipe.multi()
        for job in reversed(jobs):
            pipe.lpush(queue, job)
        pipe.delete(busy)
        return len(jobs)

    return r.transaction(move, busy, value_from_callable=True)
