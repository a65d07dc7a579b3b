"""One line of text stays one, wherever it is typed."""

import pytest
from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import NameChangeForm
from accounts.single_lines import SingleLineField, keep_to_one_line, single_line


@pytest.mark.parametrize(
    "text", ["Ada Berg", "José Ibargüen", "Ана", "名前", "می‌خواهم", "क्‍ष", "O’Brien – PhD (2)", "🏠"]
)
def test_a_line_of_any_script_is_taken(text):
    assert single_line(text) is None


@pytest.mark.parametrize(
    "sign",
    [
        "\n",
        "\r",
        "\t",
        "\x00",
        "\x1b[31m",
        "\x7f",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u200b",
        "\ufeff",
    ],
)
def test_breaks_and_hidden_signs_are_refused(sign):
    with pytest.raises(ValidationError, match="on one line"):
        single_line(f"Ada{sign}Berg")


def test_own_name_takes_one_line():
    form = NameChangeForm({"name": "Ada\nBcc: all@example.org"})
    assert form.errors["name"] == [
        "Write this on one line, without line breaks or hidden characters."
    ]


def test_keep_to_one_line_leaves_areas_and_passwords_alone():
    class Form(forms.Form):
        line = forms.CharField()
        mail = forms.EmailField()
        area = forms.CharField(widget=forms.Textarea)
        secret = forms.CharField(widget=forms.PasswordInput)
        twice = SingleLineField()

    form = Form()
    keep_to_one_line(form.fields)
    kept = {name for name, field in form.fields.items() if single_line in field.validators}
    assert kept == {"line", "mail", "twice"}
    assert form.fields["twice"].validators.count(single_line) == 1
