"""An S3 server from the `ministack` wheel, on loopback, for the storage tests.

It checks signatures and IAM policies (`AUTH=true`), so that a test fails where a hospital's bucket
would refuse. Objects live in its memory and go with it.
"""

import json
import os
import socket
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from config.embedded.errors import EmbeddedServerError
from config.embedded.process import ServerProcess

REGION = "eu-central-1"
# The server's own root, known to this process and its child only for as long as they live.
ROOT_KEY, ROOT_SECRET = "root-of-the-test-store", "only-on-loopback"


@dataclass(frozen=True)
class Bucket:
    """A bucket and the credentials of an IAM user who may use this bucket and nothing else."""

    name: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str

    def client(self) -> Any:
        """A boto3 S3 client that signs as the bucket's user."""
        return _client("s3", self.endpoint, self.access_key, self.secret_key)


class EmbeddedObjectStore:
    """One S3 server, for as long as the `with` block lasts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.endpoint = ""
        self._process: ServerProcess | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, *, tries: int = 3) -> None:
        """Start on a free port and wait for the health page; raises EmbeddedServerError."""
        for left in reversed(range(tries)):
            port = _free_port()
            self.endpoint = f"http://127.0.0.1:{port}"
            self._process = self._server(port)
            self._process.start()
            try:
                self._process.wait_until(self._answers, seconds=60)
                return
            except EmbeddedServerError:
                self.stop()
                if not left:  # somebody else took the free port in between, three times
                    raise

    def stop(self) -> None:
        """Stop the server and forget every object."""
        if self._process is not None:
            self._process.stop(seconds=3)
            self._process = None

    def make_bucket(self, name: str) -> Bucket:
        """Make a private bucket and a user of its own."""
        _client("s3", self.endpoint, ROOT_KEY, ROOT_SECRET).create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        iam = _client("iam", self.endpoint, ROOT_KEY, ROOT_SECRET)
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="own-bucket", PolicyDocument=_policy(name))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Bucket(name, self.endpoint, REGION, key["AccessKeyId"], key["SecretAccessKey"])

    def _server(self, port: int) -> ServerProcess:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return ServerProcess(
            "The S3 server",
            [sys.executable, "-m", "ministack"],
            log=self.folder / "s3.log",
            env=kept
            | {
                "AUTH": "true",
                "AWS_ACCESS_KEY_ID": ROOT_KEY,
                "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(port),
                "LOG_LEVEL": "WARNING",
                "MINISTACK_HOST": "127.0.0.1",
                "MINISTACK_REGION": REGION,
                "SERVICES": "s3,iam,sts",
                "TMPDIR": str(self.folder),
            },
        )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_ministack/ready", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False


def _client(service: str, endpoint: str, access_key: str, secret_key: str) -> Any:
    import boto3

    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )


def _policy(bucket: str) -> str:
    arn = f"arn:aws:s3:::{bucket}"
    statements = [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn},
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "Resource": f"{arn}/*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
