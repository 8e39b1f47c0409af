"""What people say of themselves and prefer. The rules are the service's."""

from chatapp.auth.forms import ChatForm, text_field


class ProfileForm(ChatForm):
    display_name = text_field("Your name")
    emoji = text_field("Emoji")
    text = text_field("Status")
    lasts = text_field("Until")


class ZoneForm(ChatForm):
    zone = text_field()


class PreferencesForm(ChatForm):
    """What is left out stays as it is."""

    theme = text_field()
    density = text_field()
    enter = text_field()
    announces = text_field()
