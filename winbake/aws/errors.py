"""AWS failures in words: what happened and what to do next, for each that a user meets.

Codes: the EC2 API's list of error codes (docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html), S3's
(docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html), and the common errors of every service.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError

from winbake.engine.errors import EngineError

_LOGIN = "log in: aws sso login, or aws configure; AWS_PROFILE names the profile"
_AGAIN = "log in again (aws sso login), then run the same command: it goes on from where it is"
_DENIED = ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "Forbidden", "403")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
_NOT_VALID = (
    "AuthFailure",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
)
_QUOTA = (
    "VcpuLimitExceeded",
    "InstanceLimitExceeded",
    "VolumeLimitExceeded",
    "MaxSpotInstanceCountExceeded",
    "AddressLimitExceeded",
    "SecurityGroupLimitExceeded",
    "ResourceLimitExceeded",
    "SnapshotCreationPerVolumeRateExceeded",
    "PendingSnapshotLimitExceeded",
)
_CAPACITY = ("InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacity", "Unsupported")
_SLOW = ("RequestLimitExceeded", "Throttling", "ThrottlingException", "PriorRequestNotComplete", "SlowDown")
_NO_LOGIN = (
    NoCredentialsError,
    PartialCredentialsError,
    NoRegionError,
    UnauthorizedSSOTokenError,
    TokenRetrievalError,
    SSOTokenLoadError,
    EndpointConnectionError,
    ConnectTimeoutError,
)


class AwsError(EngineError):
    """A call to AWS failed. `code` is the service's own, "" where the call did not get there."""

    def __init__(self, what: str, next_step: str = "", code: str = "") -> None:
        super().__init__(what, next_step)
        self.code = code

    @property
    def of_login(self) -> bool:
        """Whether the login itself is not taken: then no other call will do better."""
        return isinstance(self.__cause__, _NO_LOGIN) or self.code in (*_EXPIRED, *_NOT_VALID)


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """Turns botocore's errors into AwsError."""
    try:
        yield
    except ClientError as error:
        raise of_client_error(error) from error
    except BotoCoreError as error:
        raise _of_botocore(error) from error
    except ResponseParserError as error:
        raise AwsError(
            "somebody else than AWS has answered: this is none of its answers (a proxy's or a network's login page?)",
            "open a web page in the browser of this computer, and look at HTTPS_PROXY; then run the same command again",
        ) from error


def of_client_error(error: ClientError) -> AwsError:
    """The error that a service answered, in words."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = str(error.response.get("Error", {}).get("Message", "")).rstrip(".")
    call = error.operation_name
    what, next_step = _words(code, message, call)
    return AwsError(what, next_step, code)


def _words(code: str, message: str, call: str) -> tuple[str, str]:
    if code in _DENIED:
        return f"AWS does not allow this account {call}: {message}", f"have {call} allowed for it by its IAM policy"
    if code in _EXPIRED:
        return "the AWS login has expired", _AGAIN
    if code in _NOT_VALID:
        return f"AWS does not accept the login: {message}", _LOGIN
    if code in _QUOTA:
        return (
            f"a quota of the AWS account is used up ({code}): {message}",
            "ask for more in Service Quotas, or take fewer or smaller instances",
        )
    if code in _CAPACITY:
        return (
            f"AWS has no room for such an instance there now ({code}): {message}",
            "take another instance type or availability zone, or try again later",
        )
    if code == "InvalidIPAddress.InUse":
        return f"an address is taken already: {message}", "take another base address, or free that one"
    if code in _SLOW:
        return f"AWS asks to slow down ({code}), also after ten tries", "run the same command again in a minute"
    if code == "OptInRequired":
        return f"the AWS account has not turned this on: {message}", "open the AWS console and follow its text"
    if code in ("NoSuchBucket", "404"):
        return f"there is no such bucket or object ({call}): {message}", "look at the name, and at the region"
    return f"AWS refused {call}: {message or 'no reason given'} ({code or 'no code'})", ""


def _of_botocore(error: BotoCoreError) -> AwsError:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return AwsError("no AWS login was found", _LOGIN)
    if isinstance(error, NoRegionError):
        return AwsError("no AWS region is named", "set aws.region in the manifest, or AWS_REGION")
    if isinstance(error, ProfileNotFound):
        return AwsError(str(error), "aws configure list-profiles shows what there is")
    if isinstance(error, UnauthorizedSSOTokenError | TokenRetrievalError | SSOTokenLoadError):
        return AwsError("the AWS login has expired", _AGAIN)
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError | ReadTimeoutError):
        return AwsError(f"AWS does not answer: {error}", "look at the network and at the region's name")
    return AwsError(f"the call to AWS failed: {error}")
