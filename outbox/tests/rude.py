"""A mail server without manners: at one point of the conversation it answers what it likes."""

import contextlib
import socket
import threading

STAGES = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END")
USUAL = {
    "CONNECT": b"220 rude.example.org\r\n",
    "EHLO": b"250 rude.example.org\r\n",
    "MAIL": b"250 OK\r\n",
    "RCPT": b"250 OK\r\n",
    "DATA": b"354 Go on\r\n",
    "END": b"250 Accepted\r\n",
}
DROP = None  # close the connection in place of an answer


class RudeServer:
    """Answers `answer` at `stage` as many `times` as said, else as it should.

    `taken`: the content of each message that was written to it whole.
    """

    def __init__(self, stage, answer, times=1):
        self.stage, self.answer, self.times = stage, answer, times
        self.taken = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # closing alone does not wake who waits in accept
        self.socket.close()
        self.thread.join(10)

    def _serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), peer:
                peer.settimeout(20)
                self._talk(peer, peer.makefile("rb"))

    def _say(self, peer, stage) -> bool:
        """Answer; False once the conversation is over."""
        answer = USUAL[stage]
        if stage == self.stage and self.times:
            self.times -= 1
            answer = self.answer
        if answer is DROP:
            return False
        peer.sendall(answer)
        return True

    def _talk(self, peer, lines):
        if not self._say(peer, "CONNECT"):
            return
        for line in lines:
            command = line.split()[0].decode("latin-1").upper() if line.split() else ""
            if command == "QUIT":
                peer.sendall(b"221 Bye\r\n")
                return
            stage = {"HELO": "EHLO"}.get(command, command)
            if stage not in STAGES:
                peer.sendall(b"250 OK\r\n")
                continue
            is_odd = stage == self.stage and self.times > 0
            if not self._say(peer, stage):
                return
            if stage == "DATA" and not is_odd:
                content = b""
                for part in lines:
                    if part == b".\r\n":
                        break
                    content += part
                self.taken.append(content)
                if not self._say(peer, "END"):
                    return
