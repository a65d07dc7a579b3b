"""gunicorn's log of requests, by the rules of `log_lines`."""

from collections.abc import Mapping
from datetime import timedelta

from gunicorn.glogging import Logger

from conferencing.config.log_lines import shown_address, shown_text


class RequestLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Writes addresses without tokens, and nothing that forges or colors a line.

    Of what the browser says of itself (headers, query) nothing is there to be written.
    """

    def atoms(
        self, resp: object, req: object, environ: Mapping[str, str], request_time: timedelta
    ) -> dict[str, object]:
        known: dict[str, object] = super().atoms(resp, req, environ, request_time)
        known = {key: value for key, value in known.items() if not key.startswith("{")}
        path = shown_address(environ.get("PATH_INFO") or "")
        method = shown_text(environ.get("REQUEST_METHOD") or "")
        known |= {"U": path, "r": f"{method} {path}", "m": method}
        known |= dict.fromkeys(("q", "f", "a", "u"), "-")
        return {
            key: shown_text(value) if isinstance(value, str) else value
            for key, value in known.items()
        }
