"""Steps that agencies take on: reported, handed on, reminded of."""
