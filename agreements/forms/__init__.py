"""Judges what was typed about agencies, people and paper."""


def show_error(form, error):
    """Put a service's ValidationError on the form: at its field where the form has it."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return form
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
    return form
