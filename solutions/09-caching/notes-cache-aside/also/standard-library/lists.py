"""The lists of an account in one hash of Redis, and beside each the lease of whoever is loading it.

Two scripts do what must not be torn apart. A change deletes the hash, and with it every lease: whoever was loading then
may answer with what they found, but not keep it.
"""

import secrets
import sys
import time

from redis_by_hand import NoAnswer, ask

SECONDS = 30
PATIENCE = 2.0

# The list; or else "" if somebody is loading it; or else nothing, and the lease is ours.
_LOOK = """
local list = redis.call('HGET', KEYS[1], 'list ' .. ARGV[1])
if list then return list end
local lease = redis.call('HGET', KEYS[1], 'lease ' .. ARGV[1])
local now = redis.call('TIME')[1]
if lease and tonumber(string.match(lease, ' (%d+)$')) + ARGV[3] > tonumber(now) then return '' end
redis.call('HSET', KEYS[1], 'lease ' .. ARGV[1], ARGV[2] .. ' ' .. now)
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return nil
"""

# Keeps a list if the lease is still ours, and gives the lease back; without a list it does that alone.
_KEEP = """
local lease = redis.call('HGET', KEYS[1], 'lease ' .. ARGV[1])
if not lease or string.match(lease, '^%S+') ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'lease ' .. ARGV[1])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'list ' .. ARGV[1], ARGV[3]) end
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 1
"""


def get(account, query, load):
    """The list of an account that a query gives, as text."""
    name, mine, until = f"lists of {account}", secrets.token_hex(8), time.monotonic() + PATIENCE
    try:
        while (found := ask("EVAL", _LOOK, 1, name, query, mine, int(PATIENCE), SECONDS)) == "":
            if time.monotonic() > until:
                return load()
            time.sleep(0.025)
    except NoAnswer as error:
        complain(error)
        return load()
    if found is not None:
        return found
    text = ""
    try:
        text = load()
        return text
    finally:
        try:
            ask("EVAL", _KEEP, 1, name, query, mine, text, SECONDS)
        except NoAnswer as error:
            complain(error)


def forget(account):
    """After a change has been committed."""
    try:
        ask("DEL", f"lists of {account}")
    except NoAnswer as error:
        complain(error)


def complain(error):
    print("Redis:", error, file=sys.stderr, flush=True)
