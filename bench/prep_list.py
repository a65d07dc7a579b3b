"""One recipient's prep list of 60 participants, drawn and locked: our path and two others.

All sides get the same content, in the same run and process, by turns, with other names and
texts in each round, so that nobody gains from having drawn the same list before.
"""

import json
import random
import secrets
from functools import cache, lru_cache
from html import escape
from io import BytesIO

import pikepdf
import typst

from bench.table import Row, medians, milliseconds
from vault import documents
from vault.page_text import FONTS

PARTICIPANTS = 60
ROUNDS = 11
WHAT = f"one recipient's list of {PARTICIPANTS} participants, rendered and encrypted"


def rows():
    sides = {"ours": ours, "bare": bare}
    trouble = ""
    try:
        sheet()
    except (ImportError, OSError) as error:
        trouble = str(error).splitlines()[0]
    else:
        sides["WeasyPrint"] = through_weasyprint
    for turn in range(ROUNDS + 1):
        content(turn)
    taken = medians(sides, rounds=ROUNDS)
    mine = milliseconds(taken["ours"])
    if trouble:
        yield Row(
            WHAT,
            mine,
            "WeasyPrint + pikepdf R=6",
            None,
            at_least=15,
            note=f"WeasyPrint does not run here ({trouble}). It needs Pango on the machine "
            "(Debian: apt install libpango-1.0-0 libpangoft2-1.0-0) and "
            "pip install -r requirements-bench.txt.",
        )
    else:
        other = taken["WeasyPrint"]
        yield Row(
            WHAT,
            mine,
            f"WeasyPrint + pikepdf R=6 {milliseconds(other)}",
            other / taken["ours"],
            at_least=15,
            note="Both tagged (PDF/UA-1), with all the project's fonts, loaded once and kept; "
            "another list in each round.",
        )
    yield Row(
        WHAT,
        mine,
        f"bare typst.compile + pikepdf.save {milliseconds(taken['bare'])}",
        taken["ours"] / taken["bare"],
        at_most=1.2,
        note="The bare side draws the same template with the project's fonts alone and locks "
        "with the same settings; it does not clean the texts.",
    )


def ours(turn: int) -> bytes:
    return documents.encrypt(documents.render("prep_list", content(turn)), "ABCD-EFGH-JKMN-PQRS")


def bare(turn: int) -> bytes:
    pdf = typst.compile(
        str(documents.TEMPLATES / "prep_list.typ"),
        root=str(documents.TEMPLATES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(content(turn), ensure_ascii=False)},
        pdf_standards=["ua-1"],
    )
    return locked(pdf)


def through_weasyprint(turn: int) -> bytes:
    import weasyprint

    styles, fonts = sheet()
    page = weasyprint.HTML(string=html(content(turn)))
    return locked(page.write_pdf(stylesheets=[styles], font_config=fonts, pdf_variant="pdf/ua-1"))


def locked(pdf: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(
            out,
            encryption=pikepdf.Encryption(
                user="ABCD-EFGH-JKMN-PQRS", owner=secrets.token_urlsafe(16), R=6
            ),
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return out.getvalue()


# The same content for all


@cache
def content(turn: int) -> dict:
    """Return an invented list; another one for each round."""
    from conferencing.prep_lists.document import DECLARED

    rng = random.Random(turn)  # noqa: S311

    def words(least: int, most: int) -> str:
        picked = rng.choices(WORDS, k=rng.randint(least, most))
        return " ".join(picked).capitalize()

    def name() -> str:
        return f"{rng.choice(FIRST)} {words(1, 2)}"

    def step(**more) -> dict:
        return {
            "what": words(5, 14),
            "owner": f"{name()}, {words(2, 3)}",
            "due": f"Dec {rng.randint(1, 31)}, 2026",
            "is_overdue": rng.random() < 0.2,
            "is_critical": rng.random() < 0.2,
            **more,
        }

    return {
        "document": {
            "continuum": "River Valleys CoC",
            "code": "MN-502",
            "revision": 1,
            "is_settled": True,
            "corrects": None,
            "made_at": f"Nov 20, 2026, 8:{turn:02} AM CST",
            "is_example": True,
        },
        "recipient": {"name": name(), "agency": words(2, 4)},
        "notice": "Confidential. For the named person and this call only. Do not keep or copy.",
        "meeting": {
            "kind": "Regional call",
            "region": "Region 2",
            "date": "Friday, December 4, 2026",
            "time": "10:00–11:00 AM CST",
            "link": "https://meet.example.org/region-2",
        },
        "roles": [
            (role, {"name": name(), "agency": words(2, 3)})
            for role in ("Facilitator", "Note taker")
        ],
        "elements": DECLARED,
        "own_steps": [step(participant=name(), report=words(4, 10)) for _ in range(8)],
        "participants": [
            {
                "position": position,
                "label": name(),
                "is_named": rng.random() < 0.7,
                "reasons": [words(3, 6) for _ in range(rng.randint(1, 3))],
                "household": f"{rng.randint(1, 3)} adults, {rng.randint(0, 4)} children",
                "days_on_list": rng.randint(3, 900),
                "county": rng.choice(["Rice", "Steele", "Mower", "Dodge", "Freeborn"]),
                "status": "Active",
                "minutes": 5,
                "elements": {
                    "reviewed_on": "Oct 23, 2026",
                    "location": words(4, 10),
                    "location_changed": rng.choice(["changed", "unchanged", "not recorded"]),
                    "preferences": words(5, 16),
                    "barriers": [words(2, 6) for _ in range(rng.randint(1, 4))],
                    "safety": words(3, 9),
                },
                "changes": [words(4, 9)],
                "steps": [step() for _ in range(2)],
            }
            for position in range(1, PARTICIPANTS + 1)
        ],
    }


FIRST = "Ana Zoë Minh Халіма Tomás Ærø Nkauj José Łucja محمد Σοφία Amina Grey".split()  # noqa: SIM905
WORDS = (  # noqa: SIM905
    "shelter lease voucher county landlord papers family school winter car friend "
    "interview appointment income deposit birth certificate worker call bed week kitchen "
    "Owatonna Faribault Northfield bus ride phone letter court hearing doctor rent"
).split()


# The list as a page for WeasyPrint


@lru_cache(maxsize=1)
def sheet():
    """Return style sheet and fonts for WeasyPrint, made once as our compiler is."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    faces, families = [], []
    for file in sorted(FONTS.glob("*.ttf")):
        family, style = file.stem.rsplit("-", 1)
        weight = 700 if style == "Bold" else 400
        faces.append(
            f"@font-face {{ font-family: {family}; font-weight: {weight}; "
            f"src: url({file.as_uri()}); }}"
        )
        if family not in families:
            families.append(family)
    families.sort(key=lambda family: family != "NotoSans")
    body = f"body {{ font-family: {', '.join(families)}; }}"
    return weasyprint.CSS(string="".join(faces) + STYLE + body, font_config=fonts), fonts


STYLE = """
@page { size: letter; margin: 0.9in 0.75in;
  @top-left { content: string(mark); font-size: 8pt; }
  @top-right { content: "Example data"; font-size: 7.5pt; font-weight: bold; }
  @bottom-left { content: string(notice); font-size: 8pt; width: 80%; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font-size: 8pt; } }
body { font-size: 9.2pt; line-height: 1.25; }
.mark { string-set: mark content(); } .notice { string-set: notice content(); }
h1 { font-size: 19pt; margin: 0; } h2 { font-size: 13pt; margin: 18pt 0 5pt; }
h3 { font-size: 11.5pt; margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: 9pt; }
th, td { text-align: left; vertical-align: top; padding: 2.5pt 5pt;
  border-bottom: 0.5pt solid #9e9e9e; }
th { background: #f0f0f0; font-size: 8pt; }
p { margin: 0 0 4pt; }
.fact { margin: 0 0 2pt 1.25in; text-indent: -1.25in; }
.fact > b:first-child { display: inline-block; width: 1.25in; text-indent: 0;
  font-size: 8.3pt; }
article { break-inside: avoid; border-top: 0.8pt solid black; padding: 5pt 0 0 0.36in;
  margin-top: 12pt; }
.tag { border: 0.6pt solid black; border-radius: 2pt; padding: 0 3.5pt; font-size: 7.5pt; }
small { font-size: 8pt; color: #474747; }
"""


def html(data: dict) -> str:
    """Return the list as a page: what the Typst template shows, in the same order."""
    meeting, recipient = data["meeting"], data["recipient"]
    mark = (
        f"Prepared for {recipient['name']}, {recipient['agency']} · {data['document']['made_at']}"
    )
    parts = [
        "<!doctype html><html lang=en><title>Case conferencing prep list</title><body>",
        "<h1>Case conferencing prep list</h1>",
        f"<p>{text(data['document']['continuum'])} ({text(data['document']['code'])}) · ",
        f"{text(meeting['kind'])} · {text(meeting['region'])}</p>",
        facts(
            ("Date", f"<b>{text(meeting['date'])}</b>, {text(meeting['time'])}"),
            ("Join at", f"<a href='{text(meeting['link'])}'>{text(meeting['link'])}</a>"),
            *((role, text(", ".join(who.values()))) for role, who in data["roles"]),
            ("Prepared for", f"<span class=mark>{text(mark)}</span>"),
            ("Confidentiality", f"<span class=notice>{text(data['notice'])}</span>"),
        ),
        "<h2>Your agency’s open steps</h2>",
        table(
            ("Participant", "Step, and the last report on it", "Follow-up person", "Due"),
            [
                (
                    f"<b>{text(step['participant'])}</b>",
                    f"{what(step)}<br><small>Last report: {text(step['report'])}</small>",
                    text(step["owner"]),
                    text(step["due"]) + overdue(step),
                )
                for step in data["own_steps"]
            ],
        ),
        f"<h2>{len(data['participants'])} participants for this call</h2>",
    ]
    parts.extend(map(article, data["participants"]))
    return "".join(parts)


def article(person: dict) -> str:
    elements = person["elements"]
    changed = {"changed": "<span class=tag>Changed</span>", "unchanged": "(not changed)"}
    where = changed.get(elements["location_changed"], "(change not recorded)")
    alias = "" if person["is_named"] else "<span class=tag>Alias</span>"
    return "".join(
        (
            f"<article><h3>{person['position']} {text(person['label'])} {alias}</h3>",
            f"<p>{text(person['household'])} · {person['days_on_list']} days on the list · ",
            f"{text(person['county'])} County · {text(person['status'])} · ",
            f"{person['minutes']} minutes</p>",
            facts(("Why today", text("; ".join(person["reasons"])))),
            facts(
                ("Last review", text(elements["reviewed_on"])),
                ("Location", f"{text(elements['location'])} {where}"),
                ("Preferences", text(elements["preferences"])),
                ("Critical barriers", text("; ".join(elements["barriers"]))),
                ("Safety", text(elements["safety"])),
                ("Since then", text(person["changes"][0])),
            ),
            facts(
                *(
                    (
                        f"Due {text(step['due'])}",
                        f"{what(step)}{overdue(step)}<br>Follow-up: {text(step['owner'])}",
                    )
                    for step in person["steps"]
                )
            ),
            "</article>",
        )
    )


def text(value) -> str:
    return escape(str(value))


def facts(*pairs) -> str:
    return "".join(f"<p class=fact><b>{label}</b>{value}</p>" for label, value in pairs)


def table(heads, lines) -> str:
    head = "".join(f"<th scope=col>{it}</th>" for it in heads)
    body = "".join("<tr>" + "".join(f"<td>{it}</td>" for it in line) + "</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def what(step: dict) -> str:
    return text(step["what"]) + (" <span class=tag>Critical</span>" if step["is_critical"] else "")


def overdue(step: dict) -> str:
    return " <span class=tag>Overdue</span>" if step["is_overdue"] else ""
