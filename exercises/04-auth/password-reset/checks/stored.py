"""What stands in the program's database, whatever it calls its tables and columns."""


def values(sql):
    """Every text and every blob of every table, as text."""
    tables = sql.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    found = []
    for table in tables:
        name = table["name"].replace('"', '""')
        for row in sql.query(f'SELECT * FROM "{name}"'):
            for value in row.values():
                if isinstance(value, bytes):
                    found.append(value.decode("latin-1"))
                elif isinstance(value, str):
                    found.append(value)
    return found
