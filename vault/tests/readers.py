"""Try a locked document in the readers that no wheel brings: `python -m vault.tests.readers`.

For Poppler, MuPDF and qpdf as programs of the machine (Debian: poppler-utils, mupdf-tools, qpdf).
PDFium, qpdf's library and pdf.js are in the suite. Run it when typst or pikepdf changes.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from vault import documents

from .test_documents import AGREEMENT

READERS = {
    "Poppler": ["pdftotext", "-upw", "{password}", "{file}", "-"],
    "MuPDF": ["mutool", "draw", "-q", "-p", "{password}", "-F", "text", "-o", "-", "{file}"],
    "qpdf": ["qpdf", "--password={password}", "--check", "{file}"],
}


def opens(command: list[str], file: Path, password: str) -> bool:
    line = [part.format(password=password, file=file) for part in command]
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


def main() -> int:
    password = documents.new_password()
    wrong = ["", password.lower(), password.replace("-", ""), documents.new_password()]
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "locked.pdf"
        file.write_bytes(documents.encrypt(documents.render("agreement", AGREEMENT), password))
        for name, command in READERS.items():
            if not shutil.which(command[0]):
                print(f"{name:<8} not tried: {command[0]} is not on this machine")
                continue
            with_it = opens(command, file, password)
            without = any(opens(command, file, other) for other in wrong)
            is_good &= with_it and not without
            print(
                f"{name:<8} {'opens' if with_it else 'DOES NOT OPEN'} with the password, "
                f"{'OPENS' if without else 'refuses'} without"
            )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
