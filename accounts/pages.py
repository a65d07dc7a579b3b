"""Where somebody comes from and is sent back to, and who asks: facts about a request."""

import ipaddress
from urllib.parse import parse_qsl, urlencode, urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.request import split_domain_port

from .sessions import is_background

LONGEST_QUERY = 1500
SEARCH = "q"


def page_of(request: HttpRequest) -> str:
    """The address of the page that the person looks at, with what was chosen on it.

    For a plain GET its own; for what a page sends (a form, htmx, a script) that page's; "/" when
    the browser does not say. The query comes along, or an export after the password would hold
    more than the page showed. A typed search stays out: it is a POST everywhere, and one that
    somebody wrote into the address by hand may be a name.
    """
    is_part = "HX-Request" in request.headers or is_background(request) or wants_json(request)
    if request.method in ("GET", "HEAD") and not is_part:
        return with_query(request.path, request.META.get("QUERY_STRING", ""))
    parts = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    if parts.netloc != request.get_host() or not parts.path.startswith("/"):
        return "/"
    return "/" if parts.path.startswith("//") else with_query(parts.path, parts.query)


def with_query(path: str, query: str) -> str:
    if len(query) > LONGEST_QUERY:
        return path
    chosen = urlencode([(key, value) for key, value in parse_qsl(query) if key != SEARCH])
    return f"{path}?{chosen}" if chosen else path


def wants_json(request: HttpRequest) -> bool:
    accept = request.headers.get("Accept", "")
    return "application/json" in accept and "text/html" not in accept


def send_to(request: HttpRequest, url: str, **query: str) -> HttpResponse:
    """Answer so that the person's browser goes to `url`, however the request was made.

    A page: redirect. htmx: 401 with `HX-Redirect`. A script: 401 and {"go_to": url}.
    """
    if query:
        url = f"{url}?{urlencode(query)}"
    if "HX-Request" in request.headers and not is_background(request):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    if is_background(request) or wants_json(request):
        return JsonResponse({"go_to": url}, status=401)
    return HttpResponseRedirect(url)


def client_ip(request: HttpRequest) -> str:
    """The caller's address, as far as the trusted proxies vouch for it (`TRUSTED_PROXY_COUNT`)."""
    return str(get_adapter().get_client_ip(request))


def passkey_problem(request: HttpRequest) -> str:
    """Why no passkey can work at this address, in words; empty if one can.

    Browsers bind passkeys to a host name and refuse them at a bare IP address.
    """
    host, port = split_domain_port(request.get_host())
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return ""
    remedy = "http://localhost" + (f":{port}" if port else "")
    where = f" Open {remedy} instead." if settings.EMBEDDED else ""
    return f"Passkeys do not work at an address made of numbers ({host}).{where}"
