"""An exported list that comes back: what was changed in it is proposed, and settled."""
