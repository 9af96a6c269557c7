"""Walks a set of DNS records from a name to its addresses."""


def resolve(name, records):
    """``{"addresses", "ttl"}`` of a name, or ``{"error"}`` saying why there are none."""
    zone = {}
    for record in records:
        zone.setdefault(same(record["name"]), []).append(record)
    ttls, visited, name = [], set(), same(name)
    while name not in visited:
        visited.add(name)
        found = zone.get(name)
        if not found:
            return {"error": "NXDOMAIN"}
        aliases = [record for record in found if record["type"] == "CNAME"]
        if not aliases:
            addresses = [record for record in found if record["type"] == "A"]
            if not addresses:
                return {"error": "NODATA"}
            ttls += [record["ttl"] for record in addresses]
            return {"addresses": [addresses[0]["value"]], "ttl": min(ttls)}
        ttls.append(aliases[0]["ttl"])
        name = same(aliases[0]["value"])
    return {"error": "LOOP"}


def same(name):
    """One spelling for all the spellings of a name."""
    return name.removesuffix(".").lower()
