"""Pages of one's own account, the way in by invitation, and the session's clock."""

import base64
import time
import uuid
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.csrf import csrf_failure as django_csrf_failure
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.refusals import refusals

from . import held_forms, services, sessions, undo
from .access import Request, SignedInRequest
from .decorators import recently_authenticated
from .factors import has_second_factor
from .forms import InvitationAcceptForm, NameChangeForm
from .middleware import note_activity
from .models import Invitation, UndoOffer, User
from .pages import page_of, send_to

INVITATION = "invitation_token_hash"


@require_GET
def account(request: SignedInRequest) -> HttpResponse:
    """How one signs in, what one is called, and where one is signed in."""
    factors = Authenticator.objects.filter(user=request.user)
    return render(
        request,
        "accounts/account.html",
        {
            "app": factors.filter(type=Authenticator.Type.TOTP).first(),
            "passkeys": factors.filter(type=Authenticator.Type.WEBAUTHN).order_by("created_at"),
            "recovery_codes": factors.filter(type=Authenticator.Type.RECOVERY_CODES).first(),
            "sessions": UserSession.objects.purge_and_list(request.user),
        },
    )


@require_http_methods(["GET", "POST"])
def name_change(request: SignedInRequest) -> HttpResponse:
    """Change the name that others see."""
    form = NameChangeForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        services.rename_user(request.user, actor=request.user, name=form.cleaned_data["name"])
        messages.success(request, "Your name is changed.")
        return redirect("accounts:account")
    return render(request, "accounts/name_change.html", {"form": form})


@require_GET
def second_factor_add(request: SignedInRequest) -> HttpResponse:
    """Choose a second factor; for whoever has none, the only page besides the enrolment itself."""
    has_factor = has_second_factor(request.user)
    return render(request, "accounts/second_factor_add.html", {"has_factor": has_factor})


@require_POST
def session_ping(request: SignedInRequest) -> HttpResponse:
    """Stay signed in. 204, with the seconds left in `X-Seconds-Left`."""
    now = time.time()
    note_activity(request, now, exactly=True)
    left = sessions.seconds_left(request.session, now)
    return HttpResponse(status=204, headers={"X-Seconds-Left": str(left)})


@never_cache
@require_GET
def session_state(request: SignedInRequest) -> JsonResponse:
    """Whose session this is, and the token for forms: for a page that was there before it began."""
    left = sessions.seconds_left(request.session, time.time())
    return JsonResponse({"user": str(request.user.pk), "csrf": get_token(request), "seconds": left})


@require_GET
def session_back(request: SignedInRequest) -> HttpResponse:
    """Where a sign-in leads that was made in a window beside the page: it closes itself."""
    return render(request, "accounts/session_back.html")


@never_cache
@require_POST
def draft_key(request: SignedInRequest) -> JsonResponse:
    """The key to what this person's browser keeps until the server has it (base64)."""
    key = services.draft_key_of(request.user, now=timezone.now())
    return JsonResponse({"user": str(request.user.pk), "key": base64.b64encode(key).decode()})


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def held_form_keep(request: Request) -> HttpResponse:
    """A page whose session is over leaves here what was typed on it and not sent.

    `X-Held-Path`: where the form would have been sent. Only a form of a page that was made for
    somebody is kept, and for them: its own token says so (403 otherwise).
    """
    target = request.headers.get("X-Held-Path", "")
    if not target.startswith("/") or target.startswith("//"):
        return HttpResponse(status=400)
    owner = held_forms.owner_of(request) if held_forms.read_without_files(request) else None
    if owner is None:
        return HttpResponse(status=403)
    held = held_forms.hold_for(owner, request, target, page_of(request))
    return JsonResponse({"path": held.path if held else ""})


@never_cache
@require_GET
def held_form_detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """What was typed, where its own page cannot show it: to read, copy and type again."""
    held = get_object_or_404(request.user.held_forms.waiting(timezone.now()), pk=pk)
    return render(request, "accounts/held_form_detail.html", {"held": held})


@require_POST
def held_form_discard(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    held = get_object_or_404(request.user.held_forms, pk=pk)
    held_forms.forget(request, held)
    messages.success(request, "What you had typed is discarded.")
    return redirect(held.page)


def csrf_failure(request: Request, reason: str = "") -> HttpResponseBase:
    """A form whose token is an old one: its words wait; whose page it was goes on from there.

    A request from another site, or without a token of ours, is refused as before.
    """
    held = held_forms.hold(request)
    if held is None:
        return django_csrf_failure(request, reason)
    if request.user == held.user:
        return send_to(request, held.path)
    if request.user.is_authenticated:
        return django_csrf_failure(request, reason)
    return send_to(request, reverse("account_login"), next=held.path)


@login_not_required
@never_cache
@require_GET
def invitation_open(request: Request, token: str) -> HttpResponse:
    """Take the token out of the address, so that no page that follows can give it away.

    Only here no-referrer: from a page with that policy browsers send forms with `Origin: null`.
    """
    request.session[INVITATION] = Invitation.hash_of(token)
    response = redirect("accounts:invitation_accept")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def invitation_accept(request: Request) -> HttpResponse:
    """Show who invites to what, and let the invited person set a password."""
    now = timezone.now()
    invitation = (
        Invitation.objects.filter(token_hash=request.session.get(INVITATION))
        .select_related("user", "invited_by")
        .first()
    )
    if invitation is None or not invitation.is_open(now) or not invitation.user.is_active:
        return invitation_refused(request, invitation)
    if request.user.is_authenticated and request.user != invitation.user:
        return invitation_refused(request, invitation)
    form = InvitationAcceptForm(request.POST or None, user=invitation.user)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            user = services.accept_invitation(
                invitation, password=form.cleaned_data["password1"], now=now
            )
            return first_sign_in(request, user)
    page = {"form": form, "invitation": invitation}
    return render(request, "accounts/invitation_accept.html", page)


def invitation_refused(request: Request, invitation: Invitation | None) -> HttpResponse:
    """Why the link does not work, and what to do: 404 if it is nobody's, else 410."""
    page = {"invitation": invitation, "now": timezone.now()}
    status = 410 if invitation else 404
    return render(request, "accounts/invitation_refused.html", page, status=status)


def first_sign_in(request: Request, user: User) -> HttpResponse:
    """Sign in whoever accepted an invitation; setting the password just now counts as proof."""
    del request.session[INVITATION]
    record_authentication(request, user, method="password")
    adds_factor = settings.SECOND_FACTOR_REQUIRED and not has_second_factor(user)
    next_page = reverse("accounts:second_factor_add") if adds_factor else None
    response: HttpResponse = perform_login(request, user, redirect_url=next_page)
    get_adapter().add_message(request, messages.SUCCESS, message="Welcome. Your password is set.")
    return response


class PasskeyRemoveView(RemoveWebAuthnView):
    """allauth's, but keeps a last factor that is required."""

    def form_valid(self, form: Any) -> HttpResponse:  # Any: allauth's
        adapter = get_mfa_adapter()
        if not adapter.can_delete_authenticator(self.object):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_list_webauthn")
        response: HttpResponse = super().form_valid(form)
        return response


@require_POST
def undo_act(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Take back what was removed or put in another order, and go back to where that was done."""
    sign_in = request.session.get(undo.SIGN_IN)
    row = get_object_or_404(UndoOffer, user=request.user, sign_in=sign_in or "", pk=pk)
    act = recently_authenticated(take_back) if undo.gives_access(row.kind) else take_back
    return act(request, row)


def take_back(request: SignedInRequest, row: UndoOffer) -> HttpResponse:
    with refusals(request):
        words, _place = undo.carry_out(request.user, row.sign_in, row.pk, now=timezone.now())
        messages.success(request, f"Undone: {words}")
    return redirect(row.place)
