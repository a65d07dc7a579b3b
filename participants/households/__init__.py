"""Who is of a household, by hand: members, another head, a part that goes its own way."""
