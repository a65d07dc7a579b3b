"""A real SMTP server in the process, which answers as it is told."""

import asyncio
import socket
import threading
from dataclasses import dataclass
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

DROP = "drop"  # break off the connection instead of answering


@dataclass(frozen=True)
class Letter:
    """One mail that the server took, or took and never confirmed."""

    sender: str
    recipients: tuple
    content: bytes

    @property
    def parsed(self):
        return message_from_bytes(self.content)


class Pause:
    """A point at which the server waits: `reached` is set there, `go` lets it on."""

    def __init__(self):
        self.reached = threading.Event()
        self.go = threading.Event()

    def wait(self):
        assert self.reached.wait(30), "the server never came to this point"


class PostOffice:
    """Takes mail on 127.0.0.1:`port`.

    `answers[stage]` (MAIL, RCPT, DATA) is a list of replies used up one per command, such
    as "451 later", DROP, or a Pause or function called before a normal reply; when it is
    empty the reply is 250.
    """

    def __init__(self, *, password=None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.letters = []
        self.answers = {"MAIL": [], "RCPT": [], "DATA": []}
        self.password = password
        self.controller = None

    def open(self):
        options = {}
        if self.password is not None:
            options = {
                "authenticator": self._authenticate,
                "auth_required": True,
                "auth_require_tls": False,
            }
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()

    def close(self):
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    def _authenticate(self, server, session, envelope, mechanism, data):
        return AuthResult(success=data.password == self.password.encode(), handled=False)

    async def _answer(self, stage, server):
        """Return the next scripted reply of a stage; None stands for 250."""
        if not self.answers[stage]:
            return None
        answer = self.answers[stage].pop(0)
        if answer == DROP:
            server.transport.abort()
            return DROP
        if isinstance(answer, Pause):
            answer.reached.set()
            await asyncio.to_thread(answer.go.wait, 30)
            return None
        if callable(answer):
            await asyncio.to_thread(answer)
            return None
        return answer

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = await self._answer("MAIL", server)
        if answer is None:
            envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await self._answer("RCPT", server)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = Letter(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content)
        if not self.answers["DATA"] or not isinstance(self.answers["DATA"][0], str):
            self.letters.append(letter)
        elif self.answers["DATA"][0] == DROP:
            self.letters.append(letter)  # taken, and the sender never hears of it
        return await self._answer("DATA", server) or "250 Taken"
