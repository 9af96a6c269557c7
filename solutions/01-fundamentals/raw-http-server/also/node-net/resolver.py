"""Follows a name through a set of DNS records, with the aliases taken out of the zone as they are used."""

from collections import defaultdict


def resolve(name, records):
    aliases, addresses, known = {}, defaultdict(list), set()
    for record in records:
        owner = normal(record["name"])
        known.add(owner)
        match record:
            case {"type": "CNAME", "value": target, "ttl": ttl}:
                aliases[owner] = (normal(target), ttl)
            case {"type": "A", "value": address, "ttl": ttl}:
                addresses[owner].append((address, ttl))
    name, smallest, used = normal(name), float("inf"), set()
    while name in aliases:
        used.add(name)
        name, ttl = aliases.pop(name)
        smallest = min(smallest, ttl)
    if name in used:
        return {"error": "LOOP"}
    if name not in known:
        return {"error": "NXDOMAIN"}
    if name not in addresses:
        return {"error": "NODATA"}
    values, ttls = zip(*addresses[name], strict=True)
    return {"addresses": values, "ttl": min(smallest, *ttls)}


def normal(name):
    return name.casefold()[: -1 if name.endswith(".") else None]
