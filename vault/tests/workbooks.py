"""Opening a locked workbook in a test, as Excel does: with its password, and not without."""

from io import BytesIO

import msoffcrypto
import openpyxl


def opened(content, password):
    """The workbook; raises msoffcrypto's InvalidKeyError for another password."""
    file, plain = msoffcrypto.OfficeFile(BytesIO(content)), BytesIO()
    file.load_key(password=password, verify_password=True)
    file.decrypt(plain, verify_integrity=True)
    return openpyxl.load_workbook(plain)


def cells_in(content, password):
    """Every value of every sheet, and what stands on each printed page."""
    for sheet in opened(content, password):
        yield sheet.title
        yield sheet.oddHeader.left.text
        yield sheet.oddFooter.left.text
        for row in sheet.iter_rows(values_only=True):
            yield from (value for value in row if value is not None)
