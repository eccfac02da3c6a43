"""A test suite in another language against the fake Bigin, here Python with requests: it mints a token, uploads, lists,
downloads and deletes, has the token expire, and asks the fake what it was asked."""

import json
import pathlib
import signal
import subprocess

import requests

root = pathlib.Path(__file__).parent.parent
# where the package is installed this is node_modules/.bin/effect-bigin-testing
command = ["node", root / "packages/testing/bin/effect-bigin-testing.js"]
fake = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
try:
    # the first line of its output tells where it is found and what it knows
    told = json.loads(fake.stdout.readline())
    origin, control = told["origin"], told["origin"] + told["control"]

    def mint():
        answer = requests.post(
            origin + "/oauth/v2/token",
            params={
                "grant_type": "refresh_token",
                "client_id": told["clientId"],
                "client_secret": told["clientSecret"],
                "refresh_token": told["refreshToken"],
            },
        ).json()
        bigin.headers["Authorization"] = "Zoho-oauthtoken " + answer["access_token"]
        return answer["api_domain"]

    bigin = requests.Session()
    attachments = f"{mint()}/bigin/v2/{told['module']}/{told['recordId']}/Attachments"

    uploaded = bigin.post(attachments, files={"file": ("größe.txt", b"every byte")}).json()
    id = uploaded["data"][0]["details"]["id"]
    print("uploaded", id)

    rows = bigin.get(attachments, params={"fields": "id,File_Name,Size"}).json()["data"]
    print("listed", ", ".join(row["File_Name"] for row in rows))
    print("downloaded", bigin.get(f"{attachments}/{id}").text)

    requests.post(control + "/expire")
    refused = bigin.delete(f"{attachments}/{id}")
    print("refused", refused.status_code, refused.json()["code"])
    mint()
    print("deleted:", bigin.delete(f"{attachments}/{id}").json()["data"][0]["message"])

    requests.post(control + "/faults", json={"fault": "rateLimited", "retryAfter": 30})
    limited = bigin.get(attachments)
    print("limited", limited.status_code, limited.headers["Retry-After"])

    asked = requests.get(control + "/requests").json()
    print("asked", " ".join(request["method"] for request in asked))
    [record] = requests.get(control + "/records").json()
    print("left", ", ".join(attachment["fileName"] for attachment in record["attachments"]))
finally:
    fake.send_signal(signal.SIGINT)
    print("stopped", fake.wait())
