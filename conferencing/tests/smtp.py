"""A real SMTP server in the test's process, which refuses, drops and dawdles when told to."""

import asyncio
import email
import email.policy
import socket
import weakref
from dataclasses import dataclass

import pytest
from aiosmtpd.controller import Controller


@dataclass
class Received:
    """A message the server accepted: its envelope, and the message as parsed."""

    sender: str
    recipients: list[str]
    message: email.message.EmailMessage
    content: bytes


@dataclass
class Refusal:
    answer: str
    times: int | None  # None: always


def keep_port() -> socket.socket:
    """A free port of this machine that nobody else gets while the socket is open.

    Nobody listens there; a server that names the port may. Two runs of the suite at once never
    meet on one.
    """
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    return place


class ScriptedServer:
    """Accepts mail on a free port of this machine, into `received`, unless told otherwise.

    `refuse("a@example.org", 550)` answers RCPT; `refuse_content(451)` answers at the end of
    DATA; `drop("RCPT" | "DATA" | "ACCEPTED")` closes the connection (`ACCEPTED`: after taking
    the message in, before saying so); `delay(seconds)` waits before accepting. Each takes
    `times`: how often, before mail goes through again. `stop()` and `start()` take the
    server away and bring it back on the same port.
    """

    def __init__(self):
        self.received: list[Received] = []
        self.refusals: dict[str, Refusal] = {}
        self.content_refusal: Refusal | None = None
        self.drops: dict[str, Refusal] = {}
        self.wait: tuple[float, Refusal] | None = None
        place = keep_port()
        weakref.finalize(self, place.close)  # nobody else gets it, even while the server is away
        self.port = place.getsockname()[1]
        self.controller = None

    @property
    def url(self) -> str:
        """The server as an `EMAIL_URL`."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[email.message.EmailMessage]:
        return [one.message for one in self.received]

    def start(self) -> None:
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True
        )
        self.controller.start()

    def stop(self) -> None:
        if self.controller:
            self.controller.stop(no_assert=True)
            self.controller = None

    def refuse(self, address: str, code: int = 550, text: str = "", *, times: int | None = None):
        words = text or ("5.1.1 No such user" if code >= 500 else "4.2.0 Try again later")
        self.refusals[address.lower()] = Refusal(f"{code} {words}", times)

    def refuse_content(self, code: int = 554, text: str = "", *, times: int | None = None):
        words = text or ("5.7.1 Not wanted" if code >= 500 else "4.3.0 Try again later")
        self.content_refusal = Refusal(f"{code} {words}", times)

    def drop(self, at: str = "DATA", *, times: int | None = 1):
        self.drops[at] = Refusal("", times)

    def delay(self, seconds: float, *, times: int | None = None):
        self.wait = (seconds, Refusal("", times))

    @staticmethod
    def _due(refusal: Refusal | None) -> bool:
        if refusal is None or refusal.times == 0:
            return False
        if refusal.times is not None:
            refusal.times -= 1
        return True

    def _dropped(self, server, at: str) -> bool:
        if not self._due(self.drops.get(at)):
            return False
        server.transport.abort()
        return True

    # What aiosmtpd calls.

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self._dropped(server, "RCPT"):
            return "421 Gone"
        if self._due(refusal := self.refusals.get(address.lower())):
            return refusal.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.wait and self._due(self.wait[1]):
            await asyncio.sleep(self.wait[0])
        if self._dropped(server, "DATA"):
            return "421 Gone"
        if self._due(self.content_refusal):
            return self.content_refusal.answer
        content = envelope.original_content
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.received.append(
            Received(envelope.mail_from, list(envelope.rcpt_tos), message, content)
        )
        if self._dropped(server, "ACCEPTED"):
            return "421 Gone"
        return "250 Accepted"


@pytest.fixture
def smtp_server(settings):
    """A `ScriptedServer`, to which the settings point for the time of the test."""
    server = ScriptedServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    yield server
    server.stop()
