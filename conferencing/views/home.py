"""The first page: what needs this person now."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from conferencing.forms.steps import give_forms
from conferencing.services.guest_pages import guest_home
from conferencing.services.home import home_page


@require_GET
def home(request):
    if request.continuum is None:
        return render(request, "conferencing/home_nowhere.html", status=403)
    if request.is_guest:
        context = guest_home(request.user, now=timezone.now())
        return render(request, "conferencing/home_guest.html", context)
    context = home_page(request.user, now=timezone.now())
    if context["steps"]:
        give_forms(context["steps"]["rows"])
    return render(request, "conferencing/home.html", {**context, "next": request.path})
