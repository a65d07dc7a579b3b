"""What other rooms ask of this one: disclosures, retention, joined records, leaving, lost mail."""
