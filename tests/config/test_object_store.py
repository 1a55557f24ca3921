"""The S3 server of the storage tests refuses what a hospital's bucket refuses."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from config.embedded.object_store import Bucket, EmbeddedObjectStore

pytestmark = pytest.mark.s3


def refusal(error: pytest.ExceptionInfo[ClientError]) -> int:
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_the_buckets_user_may_write_and_read(s3_bucket: Bucket) -> None:
    client = s3_bucket.client()
    client.put_object(Bucket=s3_bucket.name, Key="a", Body=b"pixels")
    assert client.get_object(Bucket=s3_bucket.name, Key="a")["Body"].read() == b"pixels"


def test_a_wrong_secret_is_refused(s3_bucket: Bucket) -> None:
    client = replace(s3_bucket, secret_key="guessed").client()
    with pytest.raises(ClientError) as error:
        client.put_object(Bucket=s3_bucket.name, Key="a", Body=b"pixels")
    assert refusal(error) == 403


def test_a_user_may_not_touch_another_bucket(
    s3_server: EmbeddedObjectStore, s3_bucket: Bucket
) -> None:
    other = s3_server.make_bucket("somebody-elses-images")
    other.client().put_object(Bucket=other.name, Key="a", Body=b"pixels")
    with pytest.raises(ClientError) as error:
        s3_bucket.client().get_object(Bucket=other.name, Key="a")
    assert refusal(error) == 403
