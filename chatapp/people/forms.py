"""What people say of themselves and prefer. The rules are the service's."""

from chatapp.auth.forms import ChatForm, text_field


class PreferencesForm(ChatForm):
    """What is left out stays as it is."""

    theme = text_field()
    density = text_field()
    enter = text_field()
    announces = text_field()
