"""Follows a name through a set of DNS records, one step a call."""


def plain(name):
    return name.lower().rstrip(".")


def resolve(name, records, seen=()):
    name = plain(name)
    if name in seen:
        return {"error": "LOOP"}
    here = [record for record in records if plain(record["name"]) == name]
    if not here:
        return {"error": "NXDOMAIN"}
    for record in here:
        if record["type"] == "CNAME":
            answer = resolve(record["value"], records, (*seen, name))
            if "error" in answer:
                return answer
            return {"addresses": answer["addresses"], "ttl": min(record["ttl"], answer["ttl"])}
    found = [record for record in here if record["type"] == "A"]
    if not found:
        return {"error": "NODATA"}
    return {"addresses": [record["value"] for record in found], "ttl": min(record["ttl"] for record in found)}
