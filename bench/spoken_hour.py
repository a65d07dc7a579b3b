"""An hour of twenty households at the pace of speech, written down in a real browser.

What is said is `conferencing/tests/spoken.py`: 150 words a minute, two steps each; nothing is typed
before it was said, and the facilitator goes on when it was all said and written. Behind is how much
later than the last word the household is done. `HOUSEHOLDS` (20) says how many are played.
"""

import os
import socket
import statistics
from pathlib import Path

from bench.interruptions import Web
from bench.table import limit

# From a key to the next frame that was painted; what the page does with it later is not in it.
WATCH = """() => {
    window.painted = [];
    addEventListener("keydown", (event) => {
        const { timeStamp } = event;
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => window.painted.push(performance.now() - timeStamp);
            port2.postMessage(0);
        });
    }, { capture: true });
}"""


def rows():
    many = int(os.environ.get("HOUSEHOLDS", "20"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    os.environ["SITE_URL"] = url
    behind, keys, painted = played(url, many)
    from conferencing.tests.spoken import Spoken

    opening = Spoken.of(0, "Ada Example", "Pat").seconds(1)
    said = f"{many} households, two steps each, at 150 words a minute"
    yield limit(
        f"{said}: behind the last word, the worst household, in s",
        round(max(behind), 1), round(opening, 1),
        note=f"Median {statistics.median(behind):.1f} s. By then the next household is named.",
    )  # fmt: skip
    yield limit("keys besides the words, per household with two steps", max(keys), 10)
    cuts = statistics.quantiles(painted, n=100)
    yield limit(
        "a key to the next frame on the call’s page, p95 in ms", round(cuts[94], 1), 50,
        note=f"{len(painted)} keys; median {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms.",
    )  # fmt: skip


def played(url, many):
    """`(seconds behind, keys besides words)` of each household; ms of each key to its frame."""
    from bench.world import FOLDER, continuum_of, migrated

    migrated()
    from django.core.management import call_command
    from django.utils import timezone
    from playwright.sync_api import sync_playwright

    from agreements.models import StaffMember
    from conferencing.call.acts import begin_call
    from conferencing.rotation.roles import change_role
    from conferencing.tests.browser import sign_in
    from conferencing.tests.spoken import Scribe, Spoken, twenty
    from run import chromium

    call_command("collectstatic", verbosity=0, interactive=False)
    continuum, specialist, (provider,) = continuum_of(1, code="MN-951")
    place = StaffMember.objects.select_related("agency").get(user=provider)
    first = place.user.name.split()[0]
    call, people = twenty(continuum, continuum.regions.get(), place.agency, place)
    now = timezone.now()
    change_role(call, "note_taker", agency=place.agency, person=place, actor=None, now=now)
    begin_call(call, actor=specialist, now=now)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    web = Web(url, Path(FOLDER) / "web.log")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.find(), args=chromium.arguments()
            )

            def page_of(user):
                context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
                sign_in(context, user, url)
                page = context.new_page()
                page.goto(f"/meetings/{call.pk}/call/")
                return page

            steering, writing = page_of(specialist), page_of(provider)
            scribe = Scribe(writing, who=first, is_paced=True)
            behind, keys = [], []
            for number, person in enumerate(people[:many]):
                steering.locator("#go-next").click()
                if number:
                    writing.locator("#moved-on").wait_for()
                    scribe.press("Alt+Digit9")
                writing.get_by_role("heading", name=person.name).wait_for()
                if not number:
                    writing.evaluate(WATCH)
                spoken, before = Spoken.of(number, person.name, first), scribe.keys
                behind.append(max(0, scribe.takes_down(spoken) - spoken.seconds()))
                keys.append(scribe.keys - before + 1)
            painted = writing.evaluate("() => window.painted")
            browser.close()
    finally:
        web.kill()
    return behind, keys, painted
