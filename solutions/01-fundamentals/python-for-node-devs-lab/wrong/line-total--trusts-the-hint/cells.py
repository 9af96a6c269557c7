# %% nbgrader={"grade_id": "line-total", "solution": true}
def line_total(form):
    """What one line of an order costs in cents; make a Line on the way.

    form has "name" and "price" (a number, from our catalogue) and "quantity" (text, from a form in a browser).
    line_total({"name": "lamp", "price": 1250, "quantity": " 2"}) gives 2500.
    """
    return Line(form["name"], form["price"], form["quantity"]).total
