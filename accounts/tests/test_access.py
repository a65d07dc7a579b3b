import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.access import get_permitted_or_404
from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return User.objects.create_user("ada@example.org", name="Ada Berg")


def test_get_permitted_or_404_returns_the_row_of_somebody_who_may(ada):
    ada.is_superuser = True

    row = get_permitted_or_404(ada, "accounts.change_user", User.objects.all(), pk=ada.pk)

    assert row == ada


def test_get_permitted_or_404_refuses_a_reader_who_may_not_act(ada):
    with pytest.raises(PermissionDenied):
        get_permitted_or_404(ada, "accounts.change_user", User.objects.all(), pk=ada.pk)


def test_get_permitted_or_404_hides_what_is_outside_the_visible_rows(ada):
    ada.is_superuser = True

    with pytest.raises(Http404):
        get_permitted_or_404(ada, "accounts.change_user", User.objects.none(), pk=ada.pk)


def test_get_permitted_or_404_hides_what_does_not_exist_from_somebody_who_may_nothing(ada):
    with pytest.raises(Http404):
        get_permitted_or_404(ada, "accounts.change_user", User.objects.all(), pk=uuid.uuid4())
