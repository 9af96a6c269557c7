# %% nbgrader={"grade_id": "answer", "solution": true}
def answer(request):
    """The response to a request such as {"method": "GET", "path": "/goods", "query": {"name": ["lamp"]}, "body": b""}.

    /goods?name=lamp → 200 and all goods of that name, a JSON list in the order of their ids (perhaps empty)
    /goods/3         → 200 and that one, as in {"id": 3, "name": "lamp", "price": 45}
    anything else    → 404
    The response is {"status": 200, "headers": {"Content-Type": "application/json"}, "body": b"…"}.
    """
    status, found = 404, {"error": "not found"}
    if request["path"] == "/goods":
        name = request["query"].get("name", [""])[0]
        rows = db.execute("SELECT id, name, price FROM goods WHERE name = ? ORDER BY id", (name,))
        status, found = 200, [dict(row) for row in rows]
    elif request["path"].startswith("/goods/"):
        number = request["path"].removeprefix("/goods/")
        row = db.execute("SELECT id, name, price FROM goods WHERE id = ?", (number,)).fetchone()
        if row:
            status, found = 200, dict(row)
    return {"status": status, "headers": {"Content-Type": "text/html; charset=utf-8"}, "body": json.dumps(found).encode()}
