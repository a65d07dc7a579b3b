"""A person's private calendar feed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.refusals import refusals
from conferencing.schedule import feeds
from conferencing.schedule.calendar_feed import content_type
from regions.middleware import ContinuumRequest


@require_GET
def feed_detail(request: ContinuumRequest) -> HttpResponse:
    """The person's calendar address, or how to get one."""
    feed = feeds.live_feed(request.user)
    context = {"feed": feed, "address": feeds.feed_address(feed) if feed else ""}
    return render(request, "conferencing/schedule/feed_detail.html", context)


@require_POST
def feed_make(request: ContinuumRequest) -> HttpResponse:
    with refusals(request):
        feeds.make_feed(request.user, actor=request.user)
        messages.success(request, "Your calendar address is made.")
    return redirect("conferencing:feed_detail")


@require_http_methods(["GET", "POST"])
def feed_revoke(request: ContinuumRequest) -> HttpResponse:
    """Say what revoking does; revoke."""
    if request.method == "POST":
        feeds.revoke_feed(request.user, actor=request.user)
        messages.success(request, "The calendar address no longer works.")
        return redirect("conferencing:feed_detail")
    return render(
        request, "conferencing/schedule/feed_revoke.html", {"feed": feeds.live_feed(request.user)}
    )


@login_not_required
@require_safe
def feed_read(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar reads; the token alone lets it in."""
    feed = feeds.find_feed(token)
    if feed is None:
        raise Http404("No such calendar")
    response = HttpResponse(feeds.read_feed(feed, now=timezone.now()), content_type=content_type())
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = 'inline; filename="calls.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response
