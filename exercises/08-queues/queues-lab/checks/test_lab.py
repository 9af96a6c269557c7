"""What the lab's functions must give, and what they must leave in Redis, whoever comes in between."""

from concurrent.futures import ThreadPoolExecutor

import pytest

# Before which of a function's trips somebody else comes, or its program dies.
TRIPS = (1, 2, 3, 4)
YES, NO = True, False


def fresh(redis, rng, count=1):
    """Names of keys under which there is nothing, be it from an earlier run in the same notebook."""
    names = [f"lab:{word}:{rng.randrange(10**6)}" for word in rng.words(count)]
    redis.delete(*names)
    return names


def plain(value):
    """With lists for tuples; in a notebook nothing has made lists of them."""
    return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def everything(redis, *lists):
    """The jobs in all these lists, sorted."""
    return sorted(job for name in lists for job in redis.lrange(name, 0, -1))


def beside(act, times, work):
    """``act()`` so many times in another thread, and ``work()`` here, once at least, until that is over.

    What is asked through the notebook's in_between is asked by chance, too, without it. Gives what ``act`` gave,
    and how often there was work.
    """
    done = 0
    with ThreadPoolExecutor(1) as pool:
        acting = pool.submit(lambda: [act() for _ in range(times)])
        while done == 0 or not acting.done():
            work()
            done += 1
    return acting.result(), done


@pytest.mark.task(1)
def test_views_are_numbers(call, redis, rng):
    """views gives a number, and count_view adds one to it."""
    [key] = fresh(redis, rng)
    assert call("lab:count_view", key) == 1, "count_view of a key that is not there"
    number = rng.randint(20, 5000)
    redis.set(key, number)
    for more in (1, 2):
        assert call("lab:count_view", key) == number + more, f"count_view after {number + more - 1} views"
    assert redis.get(key) == str(number + 2), f"what is in Redis after two views more than {number}"
    assert call("lab:views", key) == number + 2, "views of that key"
    redis.delete(key)
    assert call("lab:views", key) == 0, "views of a key that is not there"


@pytest.mark.task(1)
@pytest.mark.after("test_views_are_numbers")
def test_a_view_in_between_counts(call, redis, rng):
    """A view that somebody else counts in between is not lost."""
    for trip in TRIPS:
        [key] = fresh(redis, rng)
        before, others = rng.randint(20, 500), rng.randint(2, 9)
        redis.set(key, before)
        found = call("lab:in_between", "count_view", key, trip=trip, command=["INCRBY", key, others])
        came = "no" if found["other"] is None else others
        expected = before + 1 + (0 if found["other"] is None else others)
        told = f"what is in Redis after {before} views, one of yours and {came} in between"
        assert redis.get(key) == str(expected), told
        assert found["result"] in (before + 1, expected), "what count_view returned then"
    [key] = fresh(redis, rng)

    def crowd():
        with redis.pipeline(transaction=False) as pipe:
            for _ in range(100):
                pipe.incr(key)
            return len(pipe.execute())

    others, mine = beside(crowd, 20, lambda: call("lab:count_view", key))
    assert redis.get(key) == str(sum(others) + mine), f"{mine} views of yours among {sum(others)} of others"


@pytest.mark.task(2)
def test_a_code_keeps_its_place_and_ends(call, redis, rng):
    """A code stays until its time is over, and no other takes its place before."""
    [key], [code, another] = fresh(redis, rng), rng.words(2)
    seconds = rng.randint(400, 900)
    assert call("lab:issue_code", key, code, seconds) == YES, "issue_code for a free key"
    assert redis.get(key) == code, "the code in Redis"
    left = redis.ttl(key)
    assert seconds - 60 <= left <= seconds, f"after issue_code(…, {seconds}): expected a TTL of {seconds}, got {left}"
    # As if much of its time were over.
    redis.expire(key, 100)
    again = call("lab:issue_code", key, another, seconds)
    assert redis.get(key) == code, "the code in Redis after a second issue_code"
    left = redis.ttl(key)
    assert left <= 100, f"after a second issue_code: expected the end to stay where it was, 100 s away, got {left} s"
    assert again == NO, "a second issue_code for the same key"
    redis.delete(key)
    assert call("lab:issue_code", key, another, seconds) == YES, "issue_code after the end of the code before"
    for trip in TRIPS:
        [key], [mine, theirs] = fresh(redis, rng), rng.words(2)
        command = ["SET", key, theirs, "EX", seconds, "NX"]
        found = call("lab:in_between", "issue_code", key, mine, seconds, trip=trip, command=command)
        first = bool(found["other"])
        told = "when somebody else issued one in between" if first else "when nobody could issue one in between"
        assert found["result"] == (not first), f"issue_code, {told}"
        assert redis.get(key) == (theirs if first else mine), f"the code in Redis, {told}"
    for trip in TRIPS:
        [key] = fresh(redis, rng)
        call("lab:in_between", "issue_code", key, code, seconds, trip=trip)
        told = f"issue_code died before trip {trip}: expected no code without an end, got one that stays for ever"
        assert redis.ttl(key) != -1, told


@pytest.mark.task(2)
def test_a_code_is_good_for_one_try(call, redis, rng):
    """A code is good for one try, right or wrong, even when two try at once."""
    [key], [code, wrong] = fresh(redis, rng), rng.words(2)
    assert call("lab:redeem_code", key, code) == NO, "redeem_code where there is no code"
    redis.set(key, code, ex=600)
    assert call("lab:redeem_code", key, code) == YES, "redeem_code with the right code"
    assert call("lab:redeem_code", key, code) == NO, "redeem_code with the same code again"
    redis.set(key, code, ex=600)
    assert call("lab:redeem_code", key, wrong) == NO, "redeem_code with a wrong code"
    assert call("lab:redeem_code", key, code) == NO, "redeem_code with the right code after a wrong one"
    assert redis.get(key) is None, f"expected no code in Redis after a wrong try, got {redis.get(key)!r}"
    for trip in TRIPS:
        [key] = fresh(redis, rng)
        redis.set(key, code, ex=600)
        found = call("lab:in_between", "redeem_code", key, code, trip=trip, command=["GETDEL", key])
        expected = found["other"] is None
        told = "nobody else had it" if expected else "somebody else got the code in between"
        assert found["result"] == expected, f"redeem_code with the right code, when {told}"


def some_changes(redis, rng):
    """A profile in Redis and changes of all kinds: its key, what it is, the changes, and what it becomes."""
    [key], fields = fresh(redis, rng), rng.words(6)
    before = {field: rng.text() for field in fields[:4]}
    redis.hset(key, mapping=before)
    changes = {fields[0]: rng.text(), fields[4]: rng.text(), fields[1]: None, fields[5]: None}
    changes = dict(rng.sample(sorted(changes.items(), key=lambda pair: pair[0]), 4))
    after = {field: value for field, value in (before | changes).items() if value is not None}
    return key, before, changes, after


@pytest.mark.task(3)
def test_changes_leave_other_fields_alone(call, redis, rng):
    """A change leaves the other fields alone, even one that somebody else sets in between."""
    [key], [field, another] = fresh(redis, rng), rng.words(2)
    call("lab:change_profile", key, {field: "1", another: "2"})
    assert redis.hgetall(key) == {field: "1", another: "2"}, "a new profile"
    call("lab:change_profile", key, {})
    assert redis.hgetall(key) == {field: "1", another: "2"}, "the profile after no changes"
    call("lab:change_profile", key, {field: None})
    assert redis.hgetall(key) == {another: "2"}, f"the profile after {field} was removed"
    key, _, changes, after = some_changes(redis, rng)
    call("lab:change_profile", key, changes)
    assert redis.hgetall(key) == after, "the profile after several changes"
    for trip in TRIPS:
        key, _, changes, after = some_changes(redis, rng)
        mine, text = f"{rng.word()}2", rng.text()
        found = call("lab:in_between", "change_profile", key, changes, trip=trip, command=["HSET", key, mine, text])
        expected = after if found["other"] is None else after | {mine: text}
        assert redis.hgetall(key) == expected, f"the profile when somebody else set {mine} in between"


@pytest.mark.task(3)
@pytest.mark.after("test_changes_leave_other_fields_alone")
def test_changes_come_together(call, redis, rng):
    """The changes of one call come all or not at all."""
    for trip in TRIPS:
        key, before, changes, after = some_changes(redis, rng)
        found = call("lab:in_between", "change_profile", key, changes, trip=trip)
        left = redis.hgetall(key)
        told = f"change_profile died before trip {trip}: expected all changes or none, got some of them"
        assert left in ([before, after] if found["died"] else [after]), told
    key, before, changes, after = some_changes(redis, rng)
    back = {field: before.get(field) for field in changes}

    def there_and_back():
        call("lab:change_profile", key, changes)
        call("lab:change_profile", key, back)

    seen, _ = beside(lambda: redis.hgetall(key), 200, there_and_back)
    half = [profile for profile in seen if profile not in (before, after)]
    assert not half, f"while changes were made: expected to see all of them or none, saw some of them {len(half)} times"


@pytest.mark.task(3)
def test_profiles_come_in_one_trip(call, redis, rng):
    """Many profiles come in one trip, in the order of their keys."""
    keys = fresh(redis, rng, rng.randint(12, 20))
    profiles = {key: {rng.word(): rng.text() for _ in range(3)} for key in keys}
    for key in rng.sample(keys, 3):
        profiles[key] = None
    for key, profile in profiles.items():
        if profile:
            redis.hset(key, mapping=profile)
    there = [key for key in keys if profiles[key]]
    for asked, told in ((there, "profiles that are all there"), (keys, "profiles of which three are not there")):
        found = plain(call("lab:load_profiles", asked))
        got = len(found) if isinstance(found, list) else "none"
        assert got == len(asked), f"how many answers there are for {told}"
        assert found == [profiles[key] for key in asked], told
    assert plain(call("lab:load_profiles", [])) == [], "the profiles for no keys"
    # A script may need a trip or two before the first.
    trips = call("lab:in_between", "load_profiles", keys)["trips"]
    assert trips <= 3, f"the trips for {len(keys)} profiles: expected 1, got {trips}"


@pytest.mark.task(4)
def test_a_visitor_is_new_once(call, redis, rng):
    """A visitor is new once, even when two add them at once."""
    [key], names = fresh(redis, rng), rng.words(4)
    seen = set()
    for name in [*names[:2], *rng.choices(names, k=8)]:
        told = "came before" if name in seen else "is new"
        assert call("lab:first_visit", key, name) == (name not in seen), f"first_visit of somebody who {told}"
        seen.add(name)
    assert sorted(redis.smembers(key)) == sorted(seen), "the set in Redis"
    for trip in TRIPS:
        [key] = fresh(redis, rng)
        found = call("lab:in_between", "first_visit", key, names[0], trip=trip, command=["SADD", key, names[0]])
        first = found["other"] != 1
        told = "when nobody else added them" if first else "when somebody else added them in between"
        assert found["result"] == first, f"first_visit, {told}"
        assert sorted(redis.smembers(key)) == names[:1], f"the set in Redis, {told}"


@pytest.mark.task(5)
def test_points_add_up(call, redis, rng):
    """Points add up, and top lists the best first."""
    [key], players = fresh(redis, rng), rng.words(6)
    totals = dict(zip(players, rng.sample(range(5, 100), 6), strict=True))
    assert plain(call("lab:top", key, 3)) == [], "the top of a key that is not there"
    first = {player: rng.randint(1, 200) for player in players}
    for player in players:
        assert call("lab:add_points", key, player, first[player]) == first[player], "add_points for a new player"
    for player in rng.sample(players, 6):
        more = totals[player] - first[player]
        told = f"add_points of {more} to {first[player]} points"
        assert call("lab:add_points", key, player, more) == totals[player], told
    assert redis.zscore(key, players[0]) == totals[players[0]], "the score in Redis"
    best = [[player, points] for player, points in sorted(totals.items(), key=lambda pair: -pair[1])]
    for n in (1, 3, 6, 10):
        assert plain(call("lab:top", key, n)) == best[:n], f"top(…, {n})"
    for trip in TRIPS:
        [key] = fresh(redis, rng)
        before, mine, theirs = rng.sample(range(1, 100), 3)
        redis.zadd(key, {players[0]: before})
        command = ["ZINCRBY", key, theirs, players[0]]
        found = call("lab:in_between", "add_points", key, players[0], mine, trip=trip, command=command)
        expected = before + mine + (0 if found["other"] is None else theirs)
        came = "no" if found["other"] is None else theirs
        assert redis.zscore(key, players[0]) == expected, f"the score after {before}, {mine} and {came} more in between"


@pytest.mark.task(5)
def test_equal_points_share_a_rank(call, redis, rng):
    """Equal points share a rank, and the next rank leaves room for them."""
    [key], players = fresh(redis, rng), rng.words(8)
    points = sorted(rng.sample(range(1, 100), 5), reverse=True)
    # Nobody shares the best and the last place.
    scores = [points[0], points[1], points[1], points[2], points[3], points[3], points[3], points[4]]
    redis.zadd(key, dict(zip(players, scores, strict=True)))
    listed = ", ".join(map(str, scores))
    assert call("lab:rank_of", key, players[0]) == 1, f"the rank of the best of {listed} points"
    assert call("lab:rank_of", key, players[7]) == 8, f"the rank of the last of {listed} points"
    for place in rng.sample(range(1, 7), 6):
        expected = 1 + sum(score > scores[place] for score in scores)
        told = f"the rank of one who has {scores[place]} of {listed} points"
        assert call("lab:rank_of", key, players[place]) == expected, told
    stranger = call("lab:rank_of", key, f"{players[0]}2")
    assert stranger is None, f"the rank of somebody who is not in it: expected None, got {stranger!r}"


@pytest.mark.task(6)
def test_jobs_come_in_order(call, redis, rng):
    """Jobs come in order, are finished one at a time, and go back to the front."""
    queue, busy = fresh(redis, rng, 2)
    a, b, c, d = rng.words(4)
    redis.rpush(queue, a, b, a, c, d)
    taken = [call("lab:take_job", queue, busy) for _ in range(4)]
    assert taken == [a, b, a, c], f"four calls of take_job, the queue being {a}, {b}, {a}, {c}, {d}"
    assert redis.lrange(busy, 0, -1) == [a, b, a, c], "busy after that"
    assert redis.lrange(queue, 0, -1) == [d], "the queue after that"
    assert call("lab:finish_job", busy, a) == YES, "finish_job of a job that is there twice"
    assert sorted(redis.lrange(busy, 0, -1)) == sorted([a, b, c]), "busy after that, sorted"
    assert call("lab:finish_job", busy, d) == NO, "finish_job of a job that is not there"
    # Which of two equal jobs was removed, the contract leaves open.
    rest = redis.lrange(busy, 0, -1)
    assert call("lab:put_back", queue, busy) == 3, "put_back of three jobs"
    told = f"the queue after put_back of {', '.join(rest)} to {d}"
    assert redis.lrange(queue, 0, -1) == [*rest, d], told
    assert redis.lrange(busy, 0, -1) == [], "busy after put_back"
    assert call("lab:put_back", queue, busy) == 0, "put_back of no jobs"
    redis.delete(queue)
    nothing = call("lab:take_job", queue, busy)
    assert nothing is None, f"take_job from an empty queue: expected None, got {nothing!r}"
    assert redis.lrange(busy, 0, -1) == [], "busy after take_job from an empty queue"


@pytest.mark.task(6)
@pytest.mark.after("test_jobs_come_in_order")
def test_a_death_loses_no_job(call, redis, rng):
    """No job is lost or given out twice, whoever dies or comes in between."""
    jobs = sorted(rng.words(5))
    for trip in TRIPS:
        queue, busy, theirs = fresh(redis, rng, 3)
        redis.rpush(queue, *jobs)
        call("lab:in_between", "take_job", queue, busy, trip=trip)
        told = f"take_job died before trip {trip}: all jobs in both lists, sorted"
        assert everything(redis, queue, busy) == jobs, told
    for trip in TRIPS:
        queue, busy, theirs = fresh(redis, rng, 3)
        redis.rpush(queue, *jobs)
        command = ["LMOVE", queue, theirs, "LEFT", "RIGHT"]
        found = call("lab:in_between", "take_job", queue, busy, trip=trip, command=command)
        assert redis.lrange(busy, 0, -1) == [found["result"]], "busy, when another worker took a job in between"
        told = "another worker took a job in between: all jobs in all lists, sorted"
        assert everything(redis, queue, busy, theirs) == jobs, told
    for trip in TRIPS:
        queue, busy = fresh(redis, rng, 2)
        redis.rpush(queue, *jobs[:2])
        redis.rpush(busy, *jobs[2:])
        call("lab:in_between", "put_back", queue, busy, trip=trip)
        told = f"put_back died before trip {trip}: all jobs in both lists, sorted"
        assert everything(redis, queue, busy) == jobs, told
    for trip in TRIPS:
        queue, busy = fresh(redis, rng, 2)
        redis.rpush(queue, jobs[0])
        redis.rpush(busy, *jobs[2:])
        found = call("lab:in_between", "put_back", queue, busy, trip=trip, command=["RPUSH", busy, jobs[1]])
        expected = jobs if found["other"] else [jobs[0], *jobs[2:]]
        told = "a worker took another job while put_back was at work: all jobs in both lists, sorted"
        assert everything(redis, queue, busy) == expected, told
    queue, busy = fresh(redis, rng, 2)
    redis.rpush(queue, *jobs)

    def look():
        with redis.pipeline() as pipe:
            pipe.lrange(queue, 0, -1)
            pipe.lrange(busy, 0, -1)
            waiting, begun = pipe.execute()
        return sorted(waiting + begun)

    def take_and_put_back():
        call("lab:take_job", queue, busy)
        call("lab:take_job", queue, busy)
        call("lab:put_back", queue, busy)

    seen, _ = beside(look, 200, take_and_put_back)
    wrong = next((found for found in seen if found != jobs), jobs)
    assert wrong == jobs, "at some moment of take_job and put_back: all jobs in both lists, sorted"
