"""A delivery as a mail: RFC 5322, with a Message-ID that stays the same over retries."""

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from plantwright.notifications.channels.contract import Message


def compose(message: Message, sender: str, recipient: str, host: str) -> bytes:
    """The mail as it goes over the wire, in ASCII. `host` is the installation's name, in ids and in List-Id."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = format_datetime(message.sent_at)
    mail["Message-ID"] = f"<{message.delivery_id}@{host}>"
    # Everything about one alert is one conversation.
    mail["References"] = f"<{hashlib.sha256(message.dedup_key.encode()).hexdigest()[:32]}@{host}>"
    mail["List-Id"] = f"Plantwright <notifications.{host}>"
    # RFC 3834: nobody's out-of-office note comes back.
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = message.language
    mail.set_content(text_with_link(message), cte="quoted-printable")
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def text_with_link(message: Message) -> str:
    """The text, and where to look when it does not say so itself."""
    if message.link is None or message.link in message.text:
        return message.text
    return f"{message.text}\n\n{message.link}"


def one_line(text: str) -> str:
    """A name may hold anything; a header field is one line without control characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
