"""SMTP as real servers speak it: replies read within bounds, and whether a mail may be gone.

`smtplib` reads a reply for as long as the server likes to talk, gives -1 for what is no number,
and does not tell a connection that broke before the message from one that broke after it.
"""

import re
import smtplib
import socket
import time

LONGEST_LINE = 4096  # bytes; RFC 5321 4.5.3.1.5 allows 512
MOST_LINES = 100

_REPLY = re.compile(rb"([2-5][0-9][0-9])([ -]?)(.*)", re.DOTALL)


class Garbled(smtplib.SMTPException):
    """The server's answer is none that RFC 5321 knows."""


class _Careful(smtplib.SMTP):
    """What both clients share. `was_handed_over`: the whole message was written to the server."""

    was_handed_over = False
    _inbox = b""
    _inbox_of: socket.socket | None = None

    def data(self, msg: bytes) -> tuple[int, bytes]:  # type: ignore[override]  # as sendmail calls it
        """Hand the message over; any 2xx is an acceptance (RFC 5321 4.2.1)."""
        self.putcmd("data")
        code, reply = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        content = re.sub(rb"(?m)^\.", b"..", msg)
        if not content.endswith(b"\r\n"):
            content += b"\r\n"
        self.send(content + b".\r\n")
        self.was_handed_over = True
        code, reply = self.getreply()
        return (250 if 200 <= code < 300 else code), reply

    def getreply(self) -> tuple[int, bytes]:
        """Return (code, words) of one reply, or raise Garbled; within the time-out in all."""
        until = time.monotonic() + (self.timeout or 60)
        words: list[bytes] = []
        first: bytes | None = None
        for _ in range(MOST_LINES):
            found = _REPLY.fullmatch(self._line(until))
            if found is None or first not in (None, found[1]):
                break
            first = found[1]
            words.append(found[3].strip(b" \t\r\n"))
            if found[2] != b"-":
                return int(first), b"\n".join(words)
        self.close()
        raise Garbled("The reply is none.")

    def _line(self, until: float) -> bytes:
        if self._inbox_of is not self.sock:  # after STARTTLS nothing said before it counts
            self._inbox, self._inbox_of = b"", self.sock
        while b"\n" not in self._inbox:
            if len(self._inbox) > LONGEST_LINE:
                self.close()
                raise Garbled("The reply is too long.")
            left = until - time.monotonic()
            if left <= 0:
                self.close()
                raise smtplib.SMTPServerDisconnected("The server took too long to answer.")
            try:
                if self.sock is None:
                    raise OSError("There is no connection.")
                self.sock.settimeout(left)
                more = self.sock.recv(LONGEST_LINE)
                self.sock.settimeout(self.timeout)
            except (OSError, AttributeError) as error:
                self.close()
                raise smtplib.SMTPServerDisconnected("The connection broke.") from error
            if not more:
                self.close()
                raise smtplib.SMTPServerDisconnected("The connection was closed.")
            self._inbox += more
        line, _, self._inbox = self._inbox.partition(b"\n")
        if len(line) > LONGEST_LINE:
            self.close()
            raise Garbled("The reply is too long.")
        return line


class Client(_Careful, smtplib.SMTP):
    """Plain, or with STARTTLS."""


class TlsClient(_Careful, smtplib.SMTP_SSL):
    """TLS from the start (RFC 8314)."""
