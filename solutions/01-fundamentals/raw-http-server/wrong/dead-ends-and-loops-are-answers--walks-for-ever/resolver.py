"""Walks a set of DNS records from a name to its addresses."""


def resolve(name, records):
    """``{"addresses", "ttl"}`` of a name, or ``{"error"}`` saying why there are none."""
    found = [record for record in records if same(record["name"]) == same(name)]
    if not found:
        return {"error": "NXDOMAIN"}
    for record in found:
        if record["type"] == "CNAME":
            answer = resolve(record["value"], records)
            if "ttl" in answer:
                answer["ttl"] = min(answer["ttl"], record["ttl"])
            return answer
    addresses = [record for record in found if record["type"] == "A"]
    if not addresses:
        return {"error": "NODATA"}
    ttl = min(record["ttl"] for record in addresses)
    return {"addresses": [record["value"] for record in addresses], "ttl": ttl}


def same(name):
    """One spelling for all the spellings of a name."""
    return name.removesuffix(".").lower()
