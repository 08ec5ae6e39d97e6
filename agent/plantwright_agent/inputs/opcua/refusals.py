"""What servers refuse, and what a person does about it."""

from asyncua.ua import uaerrors
from asyncua.ua.uaerrors import UaError

from plantwright_agent.errors import AgentError, PermanentInputError, RetryableInputError

TRUST_US = (
    "the server does not trust this agent's certificate; let its administrator accept it"
    " (own/agent.der in the trust folder, unless the source names another)"
)
NEEDS_A_PERSON: dict[type[UaError], str] = {
    uaerrors.BadUserAccessDenied: "user name, password or user certificate is wrong, or this user may not connect",
    uaerrors.BadIdentityTokenRejected: "the server does not let in this kind of user; check username and password",
    uaerrors.BadIdentityTokenInvalid: "the server does not take this kind of user; check how it lets users in",
    uaerrors.BadIdentityChangeNotSupported: "the server does not take another user on this session",
    uaerrors.BadSecurityChecksFailed: TRUST_US,
    uaerrors.BadCertificateUntrusted: TRUST_US,
    uaerrors.BadCertificateInvalid: f"the server cannot use this agent's certificate, or {TRUST_US}",
    uaerrors.BadCertificateChainIncomplete: "the server misses an authority of this agent's certificate",
    uaerrors.BadCertificateTimeInvalid: "this agent's certificate is not valid now for the server; check both clocks",
    uaerrors.BadCertificateIssuerTimeInvalid: "the authority of this agent's certificate is not valid now",
    uaerrors.BadCertificateHostNameInvalid: "this agent's certificate names another host",
    uaerrors.BadCertificateUriInvalid: "this agent's certificate names another application",
    uaerrors.BadCertificateUseNotAllowed: "this agent's certificate was made for another use",
    uaerrors.BadCertificateRevoked: "this agent's certificate was revoked",
    uaerrors.BadCertificatePolicyCheckFailed: "this agent's certificate breaks a rule of the server (key length, hash)",
    uaerrors.BadSecurityPolicyRejected: "the server does not offer this security_policy",
    uaerrors.BadSecurityModeRejected: "the server does not offer this security_mode",
    uaerrors.BadSecurityModeInsufficient: "the server wants more security; use SignAndEncrypt",
    uaerrors.BadApplicationSignatureInvalid: "certificate and private_key do not belong together",
    uaerrors.BadUserSignatureInvalid: "user_certificate and user_private_key do not belong together",
    uaerrors.BadTcpEndpointUrlInvalid: "the server does not know this endpoint; check host and path",
    uaerrors.BadLicenseNotAvailable: "the server's licence does not allow another client",
}
GOES_BY_ITSELF: dict[type[UaError], str] = {
    uaerrors.BadTooManySessions: "the server has no room for another session; close clients that are not needed",
    uaerrors.BadTcpNotEnoughResources: "the server has no room for another connection",
    uaerrors.BadMaxConnectionsReached: "the server has no room for another connection",
    uaerrors.BadServerHalted: "the server is stopped",
    uaerrors.BadShutdown: "the server is shutting down",
    uaerrors.BadTooManySubscriptions: 'the server has no room for a subscription; close one, or use mode = "poll"',
    uaerrors.BadTooManyMonitoredItems: 'the server watches no more nodes; take fewer, or use mode = "poll"',
}
NO_SUBSCRIPTIONS = 'the server has no subscriptions; use mode = "poll"'


def refusal(endpoint: str, error: UaError | OSError) -> AgentError:
    """The error to raise in place of what the library raised."""
    for kind, advice in NEEDS_A_PERSON.items():
        if isinstance(error, kind):
            return PermanentInputError(f"{endpoint} refuses: {type(error).__name__}: {advice}")
    for kind, advice in GOES_BY_ITSELF.items():
        if isinstance(error, kind):
            return RetryableInputError(f"{endpoint} refuses: {type(error).__name__}: {advice}")
    return RetryableInputError(f"cannot connect to {endpoint}: {reason(error)}")


def reason(error: BaseException) -> str:
    """What happened, in words; a timeout has none of its own."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__
