"""One act for all the households that were checked on the by-name list."""
