"""Lets the pages of a call tell this server's own answer from anybody else's.

A captive portal answers 200 with a page of its own, a proxy with an old body, a broken one with
none. A page that took those for "done" would lose what was said on a call. So its scripts send a
number with each request, and what they count comes back with that number and a sum over number,
status and body (`static/js/call/server.js`). It proves nothing to an attacker; TLS does that.
"""

import re
from collections.abc import Callable
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

NUMBER = re.compile(r"[0-9a-f]{32}")


class AcknowledgeMiddleware:
    """Signs each answer to a script of a call's page with the number that it asked with.

    A script cannot look into a redirect: one to the sign-in becomes 401, any other 204 with
    `X-Call-Location`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        number = request.headers.get("X-Call-Nonce", "")
        if NUMBER.fullmatch(number) and isinstance(response, HttpResponse):
            if response.status_code in (301, 302, 303, 307, 308):
                tell_where(response)
            response.headers["X-Call-Ack"] = f"{number} {acknowledgement(number, response)}"
        return response


def tell_where(response: HttpResponseBase) -> None:
    to = response.headers["Location"]
    del response.headers["Location"]
    is_out = to.split("?")[0] == reverse("account_login")
    response.status_code = 401 if is_out else 204
    response.headers["X-Call-Location"] = to


def acknowledgement(number: str, response: HttpResponse) -> str:
    """The sum, as hexadecimal text."""
    head = f"{number}\n{response.status_code}\n".encode()
    return sha256(head + response.content).hexdigest()
