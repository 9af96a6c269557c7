"""Walks a set of DNS records from a name to its addresses."""


def resolve(name, records):
    """``{"addresses", "ttl"}`` of a name, or ``{"error"}`` saying why there are none."""
    zone = {}
    for record in records:
        zone.setdefault(same(record["name"]), []).append(record)
    name = same(name)
    if name not in zone:
        return {"error": "NXDOMAIN"}
    ttls = []
    for record in zone[name]:
        if record["type"] == "CNAME":
            target = same(record["value"])
            if target == name or is_alias_of(zone, target, name):
                return {"error": "LOOP"}
            ttls.append(record["ttl"])
            name = target
    if name not in zone:
        return {"error": "NXDOMAIN"}
    addresses = [record for record in zone[name] if record["type"] == "A"]
    if not addresses:
        return {"error": "NODATA"}
    ttls += [record["ttl"] for record in addresses]
    return {"addresses": [record["value"] for record in addresses], "ttl": min(ttls)}


def is_alias_of(zone, name, other):
    return any(record["type"] == "CNAME" and same(record["value"]) == other for record in zone.get(name, []))


def same(name):
    """One spelling for all the spellings of a name."""
    return name.removesuffix(".").lower()
