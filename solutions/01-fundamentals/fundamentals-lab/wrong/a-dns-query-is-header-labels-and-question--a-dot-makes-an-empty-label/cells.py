# %% nbgrader={"grade_id": "dns-query", "solution": true}
def dns_query(name, number):
    """The bytes of a DNS query for the address (type A) of name.

    dns_query("a.example", 7).hex(" ")
    → "00 07 01 00 00 01 00 00 00 00 00 00 01 61 07 65 78 61 6d 70 6c 65 00 00 01 00 01"
    """
    query = number.to_bytes(2, "big") + bytes.fromhex("0100 0001 0000 0000 0000")
    for label in name.split("."):
        query += bytes([len(label)]) + label.encode("ascii")
    return query + b"\0" + bytes.fromhex("0001 0001")
