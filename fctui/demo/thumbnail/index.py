"""Makes a thumbnail of every picture that is put into a bucket, and notes its size in a table."""

import base64
import io
import json
import os

import cv2
import numpy
import oss2
import pymysql
from PIL import Image

WIDTH = int(os.environ.get("THUMBNAIL_WIDTH", "160"))


def handler(event, context):
    """Answer an object-created event: one thumbnail for each object that it names. An event may
    bring the picture itself: event.json.
    """
    given = json.loads(event)
    if "picture" in given:
        small = thumbnail(base64.b64decode(given["picture"]), given.get("width", WIDTH))
        return json.dumps({"thumbnail": base64.b64encode(small).decode()})
    events = given["events"]
    made = []
    for item in events:
        bucket_name = item["oss"]["bucket"]["name"]
        key = item["oss"]["object"]["key"]
        bucket = _bucket(context, bucket_name)
        small = thumbnail(bucket.get_object(key).read())
        target = f"thumbnails/{key.rsplit('.', 1)[0]}.webp"
        bucket.put_object(target, small)
        _note(key, target, len(small))
        made.append(target)
    return json.dumps({"made": made})


def thumbnail(data, width=WIDTH):
    """A sharpened WebP of `width` pixels from the bytes of any picture that OpenCV reads."""
    pixels = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR)
    height = max(1, round(pixels.shape[0] * width / pixels.shape[1]))
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), 1.0)
    sharp = cv2.addWeighted(small, 1.4, blurred, -0.4, 0)
    out = io.BytesIO()
    Image.fromarray(cv2.cvtColor(sharp, cv2.COLOR_BGR2RGB)).save(out, "WEBP", quality=80)
    return out.getvalue()


def _bucket(context, name):
    given = context.credentials
    auth = oss2.StsAuth(given.access_key_id, given.access_key_secret, given.security_token)
    return oss2.Bucket(auth, os.environ["OSS_ENDPOINT"], name)


def _note(key, target, size):
    """Write one row, where a database is configured."""
    host = os.environ.get("MYSQL_HOST")
    if not host:
        return
    connection = pymysql.connect(
        host=host,
        user=os.environ["MYSQL_USER"],
        password=os.environ["MYSQL_PASSWORD"],
        database=os.environ["MYSQL_DATABASE"],
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO thumbnails (source, target, size) VALUES (%s, %s, %s)",
            (key, target, size),
        )
        connection.commit()
