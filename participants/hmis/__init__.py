"""Import of HMIS CSV: read as a stream, staged, compared, looked at, then applied at one go.

    upload or path ─► reading ─► staging (temporary tables) ─► households ─► preview (lines)
                                                                                │ confirmed
                                              undo (until the next) ◄─ applying ◄┘

Never read: Social Security numbers, kinds of disability, HIV, substance use; the files that hold
them are not opened, and of a file that is read only the columns named in `staging` are looked at.
"""
