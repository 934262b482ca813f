"""AWS failures as a person reads them: what happened, and the next thing to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)

from winbake.aws.errors import AwsError, in_words
from winbake.aws.session import AwsSession


def said(error: Exception) -> AwsError:
    with pytest.raises(AwsError) as caught, in_words():
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("code", "what", "next_step"),
    [
        ("UnauthorizedOperation", "does not allow this account RunInstances", "have RunInstances allowed"),
        ("AccessDenied", "does not allow this account RunInstances", "IAM policy"),
        ("ExpiredToken", "login has expired", "goes on from where it is"),
        ("RequestExpired", "login has expired", "log in again"),
        ("AuthFailure", "does not accept the login", "aws configure"),
        ("VcpuLimitExceeded", "quota of the AWS account is used up (VcpuLimitExceeded)", "Service Quotas"),
        ("InsufficientInstanceCapacity", "no room for such an instance", "another instance type"),
        ("InvalidIPAddress.InUse", "an address is taken already", "another base address"),
        ("RequestLimitExceeded", "slow down", "again in a minute"),
        ("NoSuchBucket", "no such bucket", "region"),
        ("SomethingNew", "AWS refused RunInstances: Because (SomethingNew)", ""),
    ],
)
def test_what_a_service_answers(code: str, what: str, next_step: str) -> None:
    error = said(ClientError({"Error": {"Code": code, "Message": "Because."}}, "RunInstances"))
    assert what in error.what
    assert next_step in error.next_step
    assert error.code == code


@pytest.mark.parametrize("status", [200, 403])
def test_a_page_of_a_proxy_is_said_to_be_none_of_aws(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    client = AwsSession("eu-central-1").client("ec2")

    class Page:
        def stream(self) -> Iterator[bytes]:
            yield b"<html><body>Please log in to the guest network<br></body></html>"

    client.meta.events.register(
        "before-send", lambda request, **_: AWSResponse(request.url, status, {"Content-Type": "text/html"}, Page())
    )
    with pytest.raises(AwsError) as caught, in_words():
        client.describe_instances()
    assert "somebody else than AWS has answered" in caught.value.what
    assert "HTTPS_PROXY" in caught.value.next_step


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (NoCredentialsError(), "no AWS login was found"),
        (NoRegionError(), "no AWS region is named"),
        (ProfileNotFound(profile="teaching"), "teaching"),
        (UnauthorizedSSOTokenError(), "login has expired"),
        (EndpointConnectionError(endpoint_url="https://ec2.eu-nowhere-1.amazonaws.com"), "AWS does not answer"),
    ],
)
def test_what_does_not_even_get_there(error: Exception, what: str) -> None:
    assert what in said(error).what


def test_a_profile_that_is_not_there_is_named_before_any_call() -> None:
    with pytest.raises(AwsError, match="no-such-profile"):
        AwsSession(profile="no-such-profile")


def test_an_address_of_s3_is_signed_for_the_regions_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The global name answers with a redirect, and the signature does not hold at its target."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for region in ("eu-central-1", "us-east-1"):
        client = AwsSession(region).client("s3")
        url = client.generate_presigned_url("get_object", Params={"Bucket": "media", "Key": "k"})
        assert url.startswith(f"https://media.s3.{region}.amazonaws.com/k?")
