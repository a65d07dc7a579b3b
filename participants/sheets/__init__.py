"""A victim service provider's list as a small sheet: read, refused by column and by shape."""

from .reading import COLUMNS, MOST_ROWS, SheetError, SheetRow, read_sheet

__all__ = ["COLUMNS", "MOST_ROWS", "SheetError", "SheetRow", "read_sheet"]
