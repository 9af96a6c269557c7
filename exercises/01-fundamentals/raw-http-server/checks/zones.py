"""Makes up sets of DNS records, and says what they resolve to."""


def record(name, kind, value, ttl):
    return {"name": name, "type": kind, "value": value, "ttl": ttl}


def host_names(rng, count):
    return [f"{word}.{rng.choice(('test', 'example', 'groundup.test'))}" for word in rng.words(count)]


def addresses(rng, count):
    return [f"192.0.2.{number}" for number in rng.sample(range(1, 255), count)]


def chain(rng, links, smallest_at):
    """Records that lead over ``links`` aliases to some addresses, and what resolving them gives.

    ``smallest_at`` is the step with the smallest TTL: an alias, or ``links`` for the last of the addresses.
    """
    names = host_names(rng, links + 1)
    way = [record(names[n], "CNAME", names[n + 1], rng.randint(300, 9_000)) for n in range(links)]
    found = [record(names[-1], "A", address, rng.randint(300, 9_000)) for address in addresses(rng, rng.randint(2, 4))]
    smallest = rng.randint(60, 200)
    (way[smallest_at] if smallest_at < links else found[-1])["ttl"] = smallest
    # Records that are on nobody's way, with TTLs smaller than any that counts.
    others = [record(names[-1], "TXT", rng.text(), rng.randint(1, 50))]
    for kind, value in (("A", "198.51.100.7"), ("TXT", rng.text()), ("MX", "mail.test")):
        others.append(record(f"{rng.word(4)}.test", kind, value, rng.randint(1, 50)))
    records = list(found)
    for step in rng.sample(way + others, len(way + others)):
        records.insert(rng.randint(0, len(records)), step)
    return names[0], records, {"addresses": [step["value"] for step in found], "ttl": smallest}
