"""What becomes of what calls agreed: follow-through, figures, systemic barriers."""
