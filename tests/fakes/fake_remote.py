#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A remote MCP server (Streamable HTTP, 2025-11-25) with its authorization server, on loopback, and
a mode for each misbehaviour.

    fake_remote.py RECORD [MODE]...

Prints its port, serves until its stdin ends. What it got are JSON lines of RECORD:
{"method", "path", "headers", "body"}. Modes:

  login            a Bearer token is needed
  login-for-calls  only for tools/call
  expires=N        a token is good for N messages; a refresh token comes with it and changes
  refresh-refused  no refresh token is good
  denied wrong-state wrong-iss no-code
                   what the page answers
  no-pkce no-register bad-issuer bad-resource
                   what the documents say
  page=URL         the authorization endpoint
  no-documents     there are none
  auth=METHOD      how clients show at the token endpoint who they are: "me" with the secret "s3cret", or
                   with a signature (which the test checks); /idp/token exchanges "the-id-token"
  metadata=URL     what the challenge names
  forgets          each session is forgotten after two messages: 404
  forgets-400      the same, told by 400
  redirects broken busy large html cut
                   tools/call is answered by 302, 500, 429, 65 MiB, a page, a stream that ends
  no-key refused   what a login to OpenRouter gives instead of a key
  events=N         the answer to tools/call is a stream: a notification of N bytes, a small one, the
                   result (its text N times), and the stream's end
  resumes          the answer to tools/call comes after its stream was opened again
  other-id         the answer to tools/call has another request's id
  hangs            there is none
  listens          GET has a stream; on it the host is pinged before tools/call is answered
  listens-again    the same, on the stream that is opened after the first has ended
  sse              HTTP+SSE: POST is refused, GET tells the endpoint, answers come on its stream
  sse-elsewhere sse-no-stream sse-ends
                   its endpoint is another host's; there is no stream; it ends at tools/call
"""
import base64
import hashlib
import json
import queue
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlparse

MODES = dict(mode.partition("=")[::2] for mode in sys.argv[2:])
RECORD = open(sys.argv[1], "w", buffering=1)
LOCK = threading.Lock()
TOOL = {"name": "echo", "description": "Gives the text back.", "inputSchema": {
    "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}}
sessions, codes, clients, tokens, refresh_tokens, pending = {}, {}, {}, {}, set(), {}
streams, ponged = [], threading.Event()
SSE = any(mode.startswith("sse") for mode in MODES)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sse = False  # the answer goes to the stream

    def log_message(self, *args):
        pass

    def record(self, body):
        with LOCK:
            RECORD.write(json.dumps({"method": self.command, "path": self.path,
                                     "headers": dict(self.headers), "body": body}) + "\n")

    def reply(self, status, body="", headers=(), kind="application/json"):
        data = (json.dumps(body) if not isinstance(body, (str, bytes)) else body)
        data = data.encode() if isinstance(data, str) else data
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()

    @property
    def base(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    # The documents, and the pages of a login

    def do_GET(self):
        url = urlparse(self.path)
        self.record(None)
        if url.path.startswith("/.well-known/") and "no-documents" in MODES:
            self.reply(404)
        elif url.path.startswith("/.well-known/oauth-protected-resource"):
            self.reply(200, {
                "resource": "https://other.example/mcp" if "bad-resource" in MODES
                else self.base + "/mcp",
                "authorization_servers": [self.base]})
        elif url.path == "/.well-known/oauth-authorization-server":
            self.reply(200, self.metadata())
        elif url.path == "/auth":
            self.key_page({k: v[0] for k, v in parse_qs(url.query).items()})
        elif url.path == "/authorize":
            self.authorize({k: v[0] for k, v in parse_qs(url.query).items()})
        elif url.path == "/mcp" and self.headers.get("Last-Event-ID") in pending:
            self.stream([("", pending.pop(self.headers["Last-Event-ID"]))])
        elif url.path == "/mcp" and ("listens" in MODES or "listens-again" in MODES or SSE) \
                and "sse-no-stream" not in MODES:
            self.listen()
        elif url.path == "/mcp":
            self.reply(405)
        else:
            self.reply(404)

    # The stream that the server speaks on by itself

    def listen(self):
        messages = queue.Queue()
        self.stream([])
        if SSE:
            where = "http://elsewhere.example/post" if "sse-elsewhere" in MODES else "/post?s=1"
            self.wfile.write(f"event: endpoint\ndata: {where}\n\n".encode())
        elif "listens-again" in MODES and not self.headers.get("Last-Event-ID"):
            self.wfile.write(b"retry: 10\nid: s1\ndata: {}\n\n")
            return
        streams.append(messages)
        while (message := messages.get()) is not None:
            self.wfile.write(f"data: {json.dumps(message)}\n\n".encode())

    def say(self, message):
        """On the stream, where there is one: now or soon."""
        while not streams:
            time.sleep(0.01)
        streams[-1].put(message)

    def metadata(self):
        document = {
            "issuer": self.base + ("/other" if "bad-issuer" in MODES else ""),
            "authorization_endpoint": MODES.get("page") or self.base + "/authorize",
            "token_endpoint": self.base + "/token",
            "registration_endpoint": self.base + "/register",
            "code_challenge_methods_supported": ["plain" if "no-pkce" in MODES else "S256"],
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": [MODES.get("auth", "none")]}
        if "no-register" in MODES:
            del document["registration_endpoint"]
        return document

    def authorize(self, query):
        answer = {"state": query["state"], "iss": self.base}
        if "denied" in MODES:
            answer |= {"error": "access_denied", "error_description": "not \x1b[31mtoday"}
        elif "no-code" not in MODES:
            answer["code"] = secrets.token_hex(8)
            codes[answer["code"]] = query
        if "wrong-state" in MODES:
            answer["state"] = "of-another-login"
        if "wrong-iss" in MODES:
            answer["iss"] = "https://evil.example"
        if query["client_id"] not in clients or \
                query["redirect_uri"] not in clients[query["client_id"]]["redirect_uris"]:
            self.reply(400, {"error": "invalid_client"})
        else:
            self.reply(302, "", [("Location", query["redirect_uri"] + "?" + urlencode(answer))])

    # OpenRouter's own login: a page, a code, a key

    def key_page(self, query):
        answer = {"error": "access_denied"} if "denied" in MODES else {"code": secrets.token_hex(8)}
        codes[answer.get("code")] = query
        self.reply(302, "", [("Location", query["callback_url"] + "?" + urlencode(answer))])

    def key(self, request):
        query = codes.pop(request["code"], {})
        proof = base64.urlsafe_b64encode(
            hashlib.sha256(request["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if "broken" in MODES:
            self.reply(200, "<html>", kind="text/html")
        elif "no-key" in MODES:
            self.reply(200, {"user_id": None})
        elif query.get("code_challenge") != proof or "refused" in MODES:
            self.reply(403, {"error": {"code": 403, "message": "Invalid \x1b[31mcode"}})
        else:
            self.reply(200, {"key": "sk-or-v1-of-the-login", "user_id": None})

    def do_POST(self):
        path, text = urlparse(self.path).path, self.body()
        form = {k: v[0] for k, v in parse_qs(text).items()} if path.endswith("/token") else None
        self.record(form or json.loads(text))
        if path == "/api/v1/auth/keys":
            self.key(json.loads(text))
        elif path == "/register":
            client = json.loads(text) | {"client_id": secrets.token_hex(4)}
            clients[client["client_id"]] = client
            self.reply(201, client)
        elif path == "/token":
            self.token(form)
        elif path == "/idp/token":
            self.exchange(form)
        elif path == "/post":
            self.sse = True
            self.message(json.loads(text))
        elif path == "/mcp" and SSE:
            self.reply(405)
        elif path == "/mcp":
            self.message(json.loads(text))
        else:
            self.reply(404)

    def exchange(self, form):
        if form["subject_token"] == "the-id-token" and form["audience"] == self.base:
            self.reply(200, {"access_token": "the-statement", "token_type": "N_A", "expires_in": 300,
                             "issued_token_type": "urn:ietf:params:oauth:token-type:id-jag"})
        else:
            self.reply(400, {"error": "invalid_grant", "error_description": "who is that?"})

    def is_me(self, form):
        basic = "Basic " + base64.b64encode(b"me:s3cret").decode()
        return {"client_secret_basic": self.headers.get("Authorization") == basic,
                "client_secret_post": (form.get("client_id"), form.get("client_secret")) == ("me", "s3cret"),
                "private_key_jwt": form.get("client_assertion_type", "").endswith(":jwt-bearer"),
                }[MODES["auth"]]

    def token(self, form):
        by_itself = form["grant_type"] not in ("refresh_token", "authorization_code")
        if by_itself:
            good = self.is_me(form) and form.get("assertion", "the-statement") == "the-statement"
        elif form["grant_type"] == "refresh_token":
            good = form["refresh_token"] in refresh_tokens and "refresh-refused" not in MODES
            refresh_tokens.discard(form["refresh_token"])
        else:
            asked = codes.pop(form.get("code"), None)
            proof = base64.urlsafe_b64encode(
                hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            good = asked and asked["code_challenge"] == proof and \
                asked["redirect_uri"] == form["redirect_uri"]
        if not good or form["resource"] != self.base + "/mcp" or \
                not by_itself and form["client_id"] not in clients:
            self.reply(400, {"error": "invalid_grant"})
            return
        answer = {"access_token": secrets.token_hex(16), "token_type": "bearer"}
        tokens[answer["access_token"]] = int(MODES.get("expires", -1))
        if "expires" in MODES:
            answer |= {"refresh_token": secrets.token_hex(16), "expires_in": 3600}
            refresh_tokens.add(answer["refresh_token"])
        self.reply(200, answer)

    # MCP

    def authorized(self, method):
        if "login" not in MODES and not ("login-for-calls" in MODES and method == "tools/call"):
            return True
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with LOCK:
            left = tokens.get(token, 0)
            if left > 0:
                tokens[token] = left - 1
        if left:
            return True
        where = MODES.get("metadata") or self.base + "/.well-known/oauth-protected-resource/mcp"
        self.reply(401, {"error": "invalid_token"}, [
            ("WWW-Authenticate", 'Basic realm="x, y"'),
            ("WWW-Authenticate", f'Bearer resource_metadata="{where}", scope="mcp:read"')])
        return False

    def session_is_known(self):
        name = self.headers.get("Mcp-Session-Id")
        with LOCK:
            left = sessions.get(name, 0)
            sessions[name] = left - 1
        if left != 0:
            return True
        if "forgets-400" in MODES:
            self.reply(400, {"jsonrpc": "2.0", "id": None, "error": {
                "code": -32000, "message": "Bad Request: No valid session ID provided"}})
        else:
            self.reply(404, "no such session", kind="text/plain")
        return False

    def message(self, message):
        method = message.get("method", "")
        if not self.authorized(method):
            return
        if method == "initialize":
            name = secrets.token_hex(8)
            sessions[name] = 3 if "forgets" in MODES or "forgets-400" in MODES else -1
            self.result(message, {
                "protocolVersion": "2025-11-25", "capabilities": {"tools": {}, **({"logging": {}} if "events" in MODES else {})},
                "serverInfo": {"name": "fake-remote", "version": "1"}},
                [("Mcp-Session-Id", name)])
        elif not self.sse and not self.session_is_known():
            pass
        elif not method:
            ponged.set()
            self.reply(202)
        elif "id" not in message:
            self.reply(202)
        elif method == "tools/list":
            self.result(message, {"tools": [TOOL]})
        elif method == "tools/call":
            self.call(message)
        elif self.sse:
            self.reply(202)
            self.say(self.unknown(message))
        else:
            self.reply(200, self.unknown(message))

    def unknown(self, message):
        return {"jsonrpc": "2.0", "id": message["id"], "error": {
            "code": -32601, "message": "Method not found"}}

    def result(self, message, result, headers=()):
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": result}
        if self.sse:
            self.reply(202)
            self.say(answer)
        else:
            self.reply(200, answer, headers)

    def call(self, message):
        text = message["params"]["arguments"]["text"]
        result = {"content": [{"type": "text", "text": text}]}
        if "redirects" in MODES:
            self.reply(302, "", [("Location", self.base + "/elsewhere")])
        elif "broken" in MODES:
            self.reply(500, "it \x1b[31mbroke", kind="text/plain")
        elif "busy" in MODES:
            self.reply(429, "", [("Retry-After", "1")])
        elif "large" in MODES:
            self.reply(200, b'{"jsonrpc":"2.0"' + b" " * (65 << 20) + b"}")
        elif "html" in MODES:
            self.reply(200, "<html>hello</html>", kind="text/html")
        elif "cut" in MODES:
            self.stream([(None, None)])
        elif "events" in MODES:
            count = int(MODES["events"])
            result["content"][0]["text"] = text * (count // len(text))
            self.stream([(None, {"jsonrpc": "2.0", "method": "notifications/message", "params": {
                "level": "info", "data": level * size}}) for level, size in (("a", count), ("b", 1))]
                + [(None, {"jsonrpc": "2.0", "id": message["id"], "result": result})])
        elif "resumes" in MODES:
            pending["e1"] = {"jsonrpc": "2.0", "id": message["id"], "result": result}
            self.stream([("e1", None)])
        elif "other-id" in MODES:
            self.result(message | {"id": message["id"] + 1}, result)
        elif "hangs" in MODES:
            threading.Event().wait()
        elif "sse-ends" in MODES:
            self.reply(202)
            self.say(None)
        elif "listens" in MODES or "listens-again" in MODES:
            self.say({"jsonrpc": "2.0", "id": "p1", "method": "ping"})
            ponged.wait()
            self.result(message, result)
        else:
            self.result(message, result)

    def stream(self, events):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for name, message in events:
            self.wfile.write(("retry: 50\n" + (f"id: {name}\n" if name else "") + "data: "
                              + (json.dumps(message) if message else "") + "\n\n").encode())
        self.close_connection = True

    def do_DELETE(self):
        self.record(None)
        self.reply(200)


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


main()
