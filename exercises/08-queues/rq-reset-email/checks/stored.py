"""What stands in the program's database, whatever it calls its tables and columns."""


def values(sql):
    """Every text and every blob of every table, as text."""
    return [value for row in _rows(sql) for value in row]


def sizes(sql):
    """How many rows each table has."""
    return {name: sql.query(f"SELECT count(*) AS rows FROM {name}")[0]["rows"] for name in _tables(sql)}


def _rows(sql):
    for name in _tables(sql):
        for row in sql.query(f"SELECT * FROM {name}"):
            texts = (value.decode("latin-1") if isinstance(value, bytes) else value for value in row.values())
            yield [text for text in texts if isinstance(text, str)]


def _tables(sql):
    found = sql.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return ['"' + table["name"].replace('"', '""') + '"' for table in found]
