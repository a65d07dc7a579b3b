"""Taking to HMIS what was said and done here: as a file to upload, or as a list to key."""
