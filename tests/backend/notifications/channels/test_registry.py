"""Which channels an installation has, from its settings."""

import pytest
from plantwright.core.errors import ConfigurationError, ValidationFailed
from plantwright.core.settings import Settings
from plantwright.notifications.channels.email import EmailConfig
from plantwright.notifications.channels.registry import contact_of, open_channels
from pydantic import SecretStr

from tests.backend.notifications.channels.receiving import House

KEY = {"secret_key": SecretStr("k" * 32)}
SERVED = ["apprise", "email", "mqtt", "opsgenie", "pagerduty", "slack", "sms", "sms_gateway"]
SERVED += ["teams", "telegram", "web_push", "webhook"]


def settings(**changes: object) -> Settings:
    return Settings.model_construct(**{**Settings.model_construct().__dict__, **KEY, **changes})


def test_every_channel_is_there_under_its_name() -> None:
    channels = open_channels(settings())
    assert sorted(channels.types) == SERVED
    assert all(channels.get(one).type == one for one in channels.types)


def test_secrets_and_generated_fields_are_fields_of_the_config() -> None:
    channels = open_channels(settings())
    for one in map(channels.get, channels.types):
        assert (one.secret_fields | one.generated_fields) <= set(one.Config.__struct_fields__)


async def test_the_operators_mail_server_serves_a_channel_that_names_only_an_address(house: House) -> None:
    email = EmailConfig("shift@plant.example")
    served = open_channels(settings(smtp_url=SecretStr("smtps://mail.example"), smtp_from="pw@plant.example"))
    await served.get("email").check(email, house.outbound(""))
    with pytest.raises(ValidationFailed, match="PLANTWRIGHT_SMTP_URL"):
        await open_channels(settings()).get("email").check(email, house.outbound(""))


@pytest.mark.parametrize("changes", [{"smtp_url": SecretStr("mail.example")}, {"smtp_url": SecretStr("smtp://mail")}])
def test_a_wrong_mail_server_is_told_at_start(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_SMTP"):
        open_channels(settings(**changes))


def test_push_services_are_told_whom_to_ask() -> None:
    assert contact_of(settings(public_url="https://plant.example")) == "https://plant.example"
    local = {"public_url": "http://localhost:8000"}
    assert contact_of(settings(**local, smtp_from="pw@plant.example")) == "mailto:pw@plant.example"
    assert contact_of(settings(**local)) == "mailto:plantwright@localhost"
