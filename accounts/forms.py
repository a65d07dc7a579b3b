"""Forms of signing in: our own, and allauth's with plain labels and a stricter look at codes."""

import time
from typing import Any

from allauth.account import forms as account_forms
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from . import seeds
from .access import Request
from .models import User
from .named_fields import Form, ModelForm
from .single_lines import SingleLineField, keep_to_one_line

PASSWORD_HELP = (
    "At least 15 characters, with a letter and a number. Four unrelated words and a number are "
    "easy to remember and hard to guess."
)


def label(form: forms.BaseForm, **labels: str) -> None:
    """Give fields plain labels, and take away placeholders, which vanish when one types."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
    for name, text in labels.items():
        form.fields[name].label = text
        form.fields[name].error_messages["required"] = f"Enter the {text[0].lower()}{text[1:]}."


class SignInForm(account_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        label(self, login="Email address", password="Password")


class PasswordChangeForm(account_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        label(
            self,
            oldpassword="Current password",
            password1="New password",
            password2="New password, again",
        )
        self.fields["password1"].help_text = PASSWORD_HELP


class PasswordResetForm(account_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        label(self, email="Email address")

    def save(self, request: Request, **kwargs: object) -> str:
        """Take equally long whether or not the address is somebody's."""
        began = time.monotonic()
        email: str = super().save(request, **kwargs)
        time.sleep(max(0, began + settings.PASSWORD_RESET_SECONDS - time.monotonic()))
        return email


class PasswordResetKeyForm(account_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        label(self, password1="New password", password2="New password, again")
        self.fields["password1"].help_text = PASSWORD_HELP


class PasswordReauthenticateForm(account_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        label(self, password="Password")


def spend_code(user: User, code: str) -> bool:
    """Use up an app's code; return False if it was used before within the time it is good for.

    allauth remembers used codes for one period, which is too short where a code of the period
    before or after is accepted as well.
    """
    good_for = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
    return cache.add(f"accounts.totp.{user.pk}.{normalize_user_code(code)}", 1, good_for)


class CodeForm(mfa_forms.BaseAuthenticateForm):
    """Reads the seeds of the person who signs in, and takes each code once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        label(self, code="Code")
        self.fields["code"].help_text = "The six digits of your app, or a recovery code."

    def clean_code(self) -> str:
        with seeds.of(self.user):
            code: str = super().clean_code()
        is_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_app and not spend_code(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(CodeForm, mfa_forms.AuthenticateForm):
    pass


class CodeReauthenticateForm(CodeForm, mfa_forms.ReauthenticateForm):
    pass


class AppAddForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        label(self, code="Six-digit code")

    def clean_code(self) -> str:
        code: str = super().clean_code()
        spend_code(self.user, code)
        return code


class PasskeyAddForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        keep_to_one_line(self.fields)
        label(self, name="Name of this passkey", passwordless="Sign in with this passkey alone")
        self.fields["name"].help_text = "So that you can tell it from others: “Work laptop”."
        self.fields["name"].max_length = 60
        self.fields["name"].widget.attrs["maxlength"] = "60"
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = (
            "Without typing your address and password. Leave it out for an older security key "
            "that has no room for passkeys."
        )


class PasskeyRenameForm(EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        keep_to_one_line(self.fields)
        label(self, name="Name of this passkey")
        self.fields["name"].max_length = 60
        self.fields["name"].validators.append(MaxLengthValidator(60))
        self.fields["name"].widget.attrs["maxlength"] = "60"


class InvitationAcceptForm(Form):
    """The invited person's first password."""

    password1 = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )
    password2 = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:  # as of any form
        self.user = user
        super().__init__(*args, **kwargs)
        label(self, password1="Password", password2="Password, again")

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password

    def clean_password2(self) -> str:
        password: str = self.cleaned_data["password2"]
        if self.data.get(self.add_prefix("password1")) != password:
            raise ValidationError("The two passwords are not the same. Type the same one twice.")
        return password


class NameChangeForm(ModelForm):
    class Meta:
        model = User
        fields = ["name"]
        field_classes = {"name": SingleLineField}
        labels = {"name": "Your name"}
        help_texts = {"name": "As others see it: on rosters, lists and steps."}
        error_messages = {"name": {"required": "Enter your name."}}
