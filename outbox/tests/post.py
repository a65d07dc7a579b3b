"""The tests' SMTP server, with a script of answers and points at which it waits."""

import asyncio
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from conferencing.tests.smtp import ScriptedServer

DROP = "drop"  # break off the connection instead of answering


class Pause:
    """A point at which the server waits: `reached` is set there, `go` lets it on."""

    def __init__(self):
        self.reached = threading.Event()
        self.go = threading.Event()

    def wait(self):
        assert self.reached.wait(30), "the server never came to this point"


class PostOffice(ScriptedServer):
    """Answers command by command as `answers[stage]` (MAIL, RCPT, DATA) says.

    Each entry is used up once: a reply such as "451 later", DROP, or a Pause or function
    called before the usual reply. At DATA a mail is taken in before DROP, Pause or
    function, so that the sender may never hear of it. With `password` it wants sign-in.
    """

    def __init__(self, *, password=None):
        super().__init__()
        self.answers = {"MAIL": [], "RCPT": [], "DATA": []}
        self.password = password

    @property
    def recipients(self):
        return sorted(address for letter in self.received for address in letter.recipients)

    def start(self):
        if self.password is None:
            return super().start()
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=self._authenticate,
            auth_required=True,
            auth_require_tls=False,
        )
        self.controller.start()

    def _authenticate(self, server, session, envelope, mechanism, data):
        return AuthResult(success=data.password == self.password.encode(), handled=False)

    async def _answer(self, stage, server):
        """Return the next scripted reply of a stage; None stands for the usual one."""
        answer = self.answers[stage].pop(0) if self.answers[stage] else None
        if answer == DROP:
            server.transport.abort()
            return "421 Gone"
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
        return answer or await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server, session, envelope):
        script = self.answers["DATA"]
        if script and isinstance(script[0], str) and script[0] != DROP:
            return script.pop(0)
        reply = await super().handle_DATA(server, session, envelope)
        return await self._answer("DATA", server) or reply
