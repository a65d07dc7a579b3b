"""How hard a text is to read: the grade of Flesch and Kincaid, and the texts that people read.

The grade is 0.39 × words a sentence + 11.8 × syllables a word − 15.59: about the school year in
which a person reads it with ease.
"""

import ast
import html
import re

from django.conf import settings

from conferencing.tests.test_words import REMARK, ROOMS, unseen_help_of

LEAST_WORDS = 10  # of fewer a grade says nothing
# Terms of the field that nobody can replace: each counts as a word of two syllables.
TERMS = """
administrator administrators agencies agency agreement agreements alias aliases assessment
assessments authenticator barrier barriers chronic chronically conferencing confidential
confidentiality continuum coordinated countersign countersigned criteria diagnosis disability
disclosure disclosures eligibility eligible enrollment enrollments facilitate facilitates
facilitator facilitators homeless homelessness household households inactive inactivity
information navigator navigators nominate nominated nominates nomination nominations participant
participants participates passkey passkeys prioritization prioritize prioritized prioritizing
provider providers referral referrals release released releases retention roster rosters rotation
security specialist specialists statement statements survivor survivors systemic victim victims
"""
OF_THE_FIELD = frozenset(TERMS.split())
# What the law or a funder words, and what is no text: lists of words, rules, columns, licences.
LEGAL = frozenset({"conferencing/example/procedures.py", "participants/hmis/codes.py"})
NO_TEXT = (
    "conferencing/to_hmis/layout.py",
    "conferencing/example/names.py",
    "participants/aliases.py",
    "participants/ordinary/",
    "participants/redaction/vocabulary.py",
    "participants/spreadsheets/choices.py",
    "static/js/call/said.js",
    "templates/documents/fonts/",
    "templates/participants/list_changes.html",
)
INLINE = "a|abbr|b|bdi|bdo|code|del|em|i|ins|kbd|mark|span|strong|time|u"
TAG_OF_TEMPLATE = re.compile(r"{%.*?%}", re.S)
IF = re.compile(
    r"{%-?\s*if\b[^%]*%}((?:(?!{%-?\s*(?:if|endif)\b).)*?){%-?\s*endif\s*-?%}",
    re.S,
)
OR = re.compile(r"{%\s*(?:elif\b.*?|else)\s*%}", re.S)
VALUE = re.compile(r"{{.*?}}|%\([a-z_]+\)[sd]|%[sd]|\{[a-z_.]*\}|<[a-z ]+>", re.S)
PLURAL = re.compile(r"(?<=[a-z]){{.*?}}")
OF_CODE = re.compile(
    r"\b(?:SELECT|UPDATE|INSERT|CREATE|WHERE|FROM|DELETE|GRANT|REVOKE)\b|=>"
    r"|[(][?]|\\[bdswp]|\w[|]\w|https?:\S+ |[a-z]_[a-z]"
)
WORD = re.compile(r"[A-Za-z][A-Za-z’']*")
END = re.compile(r"[.!?…][”\")]?(?=\s|$)|\n")
GIVEN = re.compile(r'(?<==)"([^"{%]*)"')

# Vowels that are not heard, and two beside each other that are heard apart.
SILENT = re.compile(
    r"[^tdaeiouyl]ed$|[aeiouyr]led$|lled$|[^aeiouylscgzx]es$|[^aeioul]e$|[aeiouyl]le$"
)
SPLIT = re.compile(
    r"(?<![cgst])i[ao](?!us|n)|lient|[^tscg]ious|[^tsc]ia[nl]|ea$|eas$|eing|[^p]eo|ua[^r]|uou|ying|quiet|create|[^aeiou]sm$"
    r"|[dns]nt$|scien|being|rlier|ively$"
)


def syllables_of(word: str) -> int:
    if word.isupper():
        return 1
    if re.search("[a-z][A-Z]", word):
        return 2  # a column of HMIS
    word = word.lower().replace("’", "'")
    root = word.removesuffix("'s")
    if root in OF_THE_FIELD:
        return 2
    root = re.sub(r"[^a-z]", "", word)
    root = re.sub("^some(?=.)", "sum", root.replace("ely", "ly"))
    number = len(re.findall(r"[aeiouy]+", root))
    if SILENT.search(root):
        number -= 1
    number += len(SPLIT.findall(root))
    return max(number, 1)


def sentences_of(text: str) -> list[list[str]]:
    found = [WORD.findall(each) for each in END.split(text)]
    return [each for each in found if each]


def grade_of(text: str) -> float:
    sentences = sentences_of(text)
    words = [each for sentence in sentences for each in sentence]
    syllables = sum(map(syllables_of, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def branches_of(text: str, number: int) -> str:
    """The template as it reads where each `if` takes its branch of this number, or its last."""
    chosen = None
    while chosen != text:
        chosen = text
        text = IF.sub(lambda found: branch(OR.split(found[1]), number), text)
    return text


def branch(parts: list[str], number: int) -> str:
    return parts[min(number, len(parts) - 1)]


def blocks_of(text: str):
    """What is said in a template, paragraph by paragraph."""
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}|<!--.*?-->", " ", text, flags=re.S)
    text = re.sub(r"<(style|script)\b.*?</\1>", " ", text, flags=re.S)
    for tag in TAG_OF_TEMPLATE.findall(text):
        yield from map(plain, GIVEN.findall(tag))
    for number in range(4):
        read = branches_of(text, number)
        read = re.sub(r"{%\s*empty\s*%}|{% (?:end)?block.*?%}|{% include .*?%}", "\n\n", read)
        read = read.replace('<span class="cc-tag', '<p class="cc-tag')
        read = re.sub(rf"</?(?:{INLINE})\b[^>]*>", "", TAG_OF_TEMPLATE.sub("", read))
        read = re.sub(r"<[a-zA-Z/!][^>]*>", "\n\n", read)
        yield from map(plain, re.split(r"\n\s*\n", read))


def plain(text: str) -> str:
    text = html.unescape(VALUE.sub("this", PLURAL.sub("", text)))
    return " ".join(text.split())


def is_measured(text: str) -> bool:
    return len(WORD.findall(text)) >= LEAST_WORDS and not OF_CODE.search(text)


def texts_of_templates():
    for path in (settings.BASE_DIR / "templates").rglob("*"):
        if path.suffix in (".html", ".txt"):
            for text in blocks_of(path.read_text()):
                yield path, text


def texts_of_modules():
    for room in (*ROOMS, "vault", "run"):
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            if {"tests", "migrations"} & set(path.parts):
                continue
            tree = ast.parse(path.read_text())
            docstrings = {
                id(node.value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            }
            unseen = docstrings | set(map(id, unseen_help_of(tree)))
            for node in ast.walk(tree):
                if isinstance(node, ast.JoinedStr):
                    unseen |= set(map(id, node.values))
                    yield path, plain("".join(map(part_of, node.values)))
                elif id(node) not in unseen and (said := part_of(node)) != "this":
                    for each in re.split(r"\n\s*\n", said):
                        yield path, plain(each)


def part_of(node: ast.AST) -> str:
    """The text of a string, "this" for whatever is put into one."""
    value = getattr(node, "value", None)
    return value if isinstance(node, ast.Constant) and isinstance(value, str) else "this"


def texts_of_scripts():
    for path in (settings.BASE_DIR / "static" / "js").rglob("*.js"):
        for quoted in re.findall(r'"([^"\n]*)"|`([^`]*)`', REMARK.sub(" ", path.read_text())):
            yield path, plain(re.sub(r"\$\{[^}]*\}", "this", "".join(quoted)))


def texts_of_documents():
    for path in (settings.BASE_DIR / "templates" / "documents").rglob("*.typ"):
        text = REMARK.sub(" ", path.read_text())
        for quoted in re.findall(r'"([^"\n]*)"|\[([^\[\]]*)\]', text):
            yield path, plain(re.sub(r"#[\w.()]+", "this", "".join(quoted)))


def texts():
    """Each text that a person reads and that is long enough, with the file that holds it."""
    found = [
        *texts_of_templates(),
        *texts_of_modules(),
        *texts_of_scripts(),
        *texts_of_documents(),
    ]
    named = ((str(path.relative_to(settings.BASE_DIR)), text) for path, text in found)
    return sorted(
        {
            (name, text)
            for name, text in named
            if is_measured(text) and name not in LEGAL and not name.startswith(NO_TEXT)
        }
    )
