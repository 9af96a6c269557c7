"""Walks a set of DNS records, task 7. So far it knows direct addresses only."""


def resolve(name, records):
    found = [record for record in records if record["name"] == name and record["type"] == "A"]
    if not found:
        return {"error": "NXDOMAIN"}
    return {"addresses": [record["value"] for record in found], "ttl": found[0]["ttl"]}
