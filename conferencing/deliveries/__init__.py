"""How a paper reaches a person: what prep lists and minutes share."""
