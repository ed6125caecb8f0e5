"""A shop: registers what it expects, verifies what it is told, fulfils by the transaction's id AND the amount."""
import base64
import hashlib
import hmac
import json
import os
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].replace("whsec_", "", 1))
ENVIRONMENT = os.environ.get("ENVIRONMENT", "production")
orders = {}  # by transaction id; a table of your database


def register(checkout_request_id):
    """After the push was sent: its id, and exactly the amount that the order costs."""
    expected = {"amount": "50.00", "currency": "KES"}
    body = {
        "connection_id": os.environ["HAKIKA_CONNECTION"],
        "kind": "stk_push",
        "provider_refs": {"checkout_request_id": checkout_request_id},
        **expected,
    }
    request = urllib.request.Request(
        os.environ["HAKIKA_URL"] + "/v1/transactions",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": "Bearer " + os.environ["HAKIKA_KEY"],
            "Content-Type": "application/json",
            "Idempotency-Key": checkout_request_id,
        },
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        transaction = json.load(response)
    orders[transaction["id"]] = {**expected, "fulfilled": False}
    return transaction["id"]


def is_genuine(headers, body):
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > 300:
        return False
    expected = base64.b64encode(hmac.new(SECRET, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(item.encode(), b"v1," + expected) for item in given)


def take(event):
    """Who signed is known here; what was paid is compared with what was asked."""
    data = event["data"]
    if event["type"] != "payment.completed" or data["environment"] != ENVIRONMENT:
        return
    told = data["transaction"]
    order = orders.get(told["id"])
    if order and (order["amount"], order["currency"], None) == (told["amount"], told["currency"], told["review"]):
        order["fulfilled"] = True


class Shop(BaseHTTPRequestHandler):
    def answer(self, status, text=""):
        self.send_response(status)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        self.answer(200, json.dumps(orders))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        url = urlparse(self.path)
        if url.path == "/orders":
            self.answer(201, register(parse_qs(url.query)["push"][0]))
        elif is_genuine(self.headers, body):
            take(json.loads(body))
            self.answer(204)
        else:
            self.answer(400)


HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9090"))), Shop).serve_forever()
