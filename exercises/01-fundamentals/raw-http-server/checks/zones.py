"""Makes up sets of DNS records, and says what they resolve to."""


def record(name, kind, value, ttl):
    return {"name": name, "type": kind, "value": value, "ttl": ttl}


def host_names(rng, count):
    return [f"{word}.{rng.choice(('test', 'example', 'groundup.test'))}" for word in rng.words(count)]


def addresses(rng, count):
    return [f"192.0.2.{number}" for number in rng.sample(range(1, 255), count)]


def chain(rng, links, smallest_at):
    """Records that lead over ``links`` aliases to one to three addresses, and what resolving them gives.

    ``smallest_at`` is the step with the smallest TTL: an alias, or the addresses as the last one.
    """
    names = host_names(rng, links + 1)
    found = addresses(rng, rng.randint(1, 3))
    ttls = [rng.randint(300, 9_000) for _ in range(links + 1)]
    ttls[smallest_at] = rng.randint(60, 200)
    steps = [record(names[n], "CNAME", names[n + 1], ttls[n]) for n in range(links)]
    steps += [record(names[-1], "A", address, ttls[-1]) for address in found]
    # Records that are on nobody's way, with TTLs smaller than any that counts.
    for kind, value in (("A", "198.51.100.7"), ("TXT", rng.text()), ("MX", "mail.test")):
        steps.append(record(f"{rng.word(4)}.test", kind, value, rng.randint(1, 50)))
    steps.append(record(names[-1], "TXT", rng.text(), rng.randint(1, 50)))
    rng.shuffle(steps)
    in_order = [step["value"] for step in steps if step["name"] == names[-1] and step["type"] == "A"]
    return names[0], steps, {"addresses": in_order, "ttl": ttls[smallest_at]}
