"""A spreadsheet of any shape on its way into the by-name list.

A file or pasted text becomes rows (reading), less what is never kept (leaving_out); a person says
once what each column is (targets, sources); then the rows are compared, looked at, applied and
undone as an HMIS export is.
"""
