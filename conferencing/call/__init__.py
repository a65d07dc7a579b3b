"""The call as it is held: agenda, notes, steps, people, guests, the close."""
