"""What the Python scripts share: asking Vigie with a token, and what a masked viewer may see."""

import json
import os
import re
import sys
import urllib.error
import urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
# "masked" or "exact": what the token is for.
VIEW = sys.argv[2] if len(sys.argv) > 2 else "masked"
COLLECTIONS = ["sites", "zones", "places", "departments"]

MASKED_COLUMNS = re.compile(
    "fid|id|site_id|kind|category|department_code|cell|cell_size_m|exposure_class|release|wkt|[a-z0-9_]+_band|export_[a-z_]+"
)


def get(address):
    """The body and the headers of an answer; the token goes as "Authorization: Bearer"."""
    request = urllib.request.Request(address, headers={"Authorization": "Bearer " + os.environ["VIGIE_TOKEN"]})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), answer.headers


def items(collection, more=""):
    """The address of the features of a collection, as JSON."""
    return f"{URL}/api/collections/{collection}/items?f=json{more}"


def count(collection, more=""):
    """How many features of a collection the token's holder sees."""
    return json.loads(get(items(collection, "&limit=1" + more))[0])["numberMatched"]


def in_file(collection):
    """How many of them are in a file."""
    return count(collection, masked(collection))


def masked(collection):
    """Homes leave in files masked: an exact file needs the approval of a second person,
    given for that file alone."""
    return "&precision=masked" if collection == "sites" else ""


def file(collection, format):
    """The address of a collection as a file."""
    return f"{URL}/api/collections/{collection}/items?f={format}&limit=10000{masked(collection)}"


def download(collection, format, folder):
    """The path of a collection's file, fetched into a folder."""
    path = os.path.join(folder, f"{collection}.{format}")
    with open(path, "wb") as out:
        out.write(get(file(collection, format))[0])
    return path


def exact_file_is_refused():
    """Whether the holder of an exact token is refused the register as a file."""
    try:
        get(f"{URL}/api/collections/sites/items?f=gpkg")
    except urllib.error.HTTPError as refusal:
        return refusal.code == 403
    return False


def check_masked(columns, boxes):
    """Fails unless the columns are those of masked homes, and each box (west, south, east,
    north, in degrees) is a cell of a kilometre or more."""
    more = [c for c in columns if not MASKED_COLUMNS.fullmatch(c)]
    assert not more, f"a masked viewer sees {more}"
    boxes = list(boxes)
    assert boxes, "no home has a cell"
    kilometre = 0.0089  # degrees of latitude, a little under
    for west, south, east, north in boxes:
        assert north - south > kilometre and east - west > kilometre, "a masked home is more precise than 1 km"
