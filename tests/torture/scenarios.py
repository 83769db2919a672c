# SPDX-License-Identifier: MIT
"""What is tortured: runs of the real program against fakes, each a row of a table."""
import dataclasses


@dataclasses.dataclass
class Scenario:
    name: str
    argv: str                    # blanks separate; @ is the scenario's directory
    servers: dict = dataclasses.field(default_factory=dict)  # name: (modes of fake-server, members)
    script: tuple = ()           # answers of the endpoint, see tests/fakes/endpoint_script.h
    remote: str = None           # modes of fake_remote.py, as server "far"
    call: bool = False           # server "adapter": the endpoint, as a /call server
    files: dict = dataclasses.field(default_factory=dict)    # path below the directory: text
    before: tuple = ()           # command lines whose state is there before each run
    prompt: str = None           # one more argument, with blanks
    stdin: str = ""
    clients: tuple = ()          # of the daemon, while it runs
    browser: bool = False        # one that follows the page's redirect
    program: str = "src/cordpair"
    step: int = 1                # of the points every so manieth: a run of it takes its time

    @property
    def events(self):
        return "--events" in self.argv

    @property
    def json(self):
        return "--json" in self.argv


def call(name, arguments="", **more):
    return '{"name": "%s", "arguments": {%s}}' % (name, arguments)


def calls(*several):
    return '{"calls": [%s]}' % ", ".join(several)


IT = {"it": ("", "")}
TWO = {"it": ("", ""), "new": ("modern", "")}
HELLO = '{"text": "Hello, world."}'
DONE = ('{"text": "Done.", "usage": {"prompt_tokens": 9, "completion_tokens": 1, '
        '"total_tokens": 10, "cost": 0.0004}}')
ECHO = call("it__echo", '"text": "a"')
PROBE = '"unchecked": true, "probe": true'
MODELS = ('{"body": {"data": [{"id": "test/model", "name": "Test", "context_length": 128000, '
          '"architecture": {"input_modalities": ["text"], "output_modalities": ["text"]}, '
          '"pricing": {"prompt": "0.0000025", "completion": "0.00001"}, '
          '"supported_parameters": ["tools"]}]}, ' + PROBE + ', "repeat": 9}')
KEY = ('{"body": {"data": {"label": "x", "limit": 10, "limit_remaining": 7.25, "usage": 2.75}}, '
       + PROBE + ', "repeat": 9}')
RESULT = '{"body": {"result": {"rows": [1, "two"]}}, "unchecked": true}'
SCHEMA = ('{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], '
          '"additionalProperties": false}')
BROKEN_FILES = {
    "config/cordpair/servers.d/10-broken.json": '{"command": "true",\n "args": [',
    "config/cordpair/servers.d/20-odd.json": '{"comand": "true"}',
    "config/cordpair/servers.d/30-unset.json": '{"command": "true", "env": {"A": "${NOT_SET}"}}',
    "config/cordpair/servers.d/40-off.json": '{"command": "true", "enabled": false}',
    "config/cordpair/servers.d/50-many.json":
        '{"mcpServers": {"a": {"command": "no-such-program"}, "b": {"url": "ftp://x"}}}',
}
SERVE = (
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
    '"capabilities":{},"clientInfo":{"name":"t","version":"1"}}}\n'
    '{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
    '{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n'
    '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"read_file",'
    '"arguments":{"path":"a.txt"}}}\n')

SCENARIOS = [
    Scenario("call", "call it echo text=hello", IT),
    Scenario("call-json", "--json call it structured", IT),
    Scenario("call-events", "--events call it progress", IT),
    Scenario("call-error", "call it fail", IT),
    Scenario("call-misfit", "call it add a=x", IT),
    Scenario("call-dies", "call it die", IT),
    Scenario("call-large", "call it big bytes=400000", IT),
    Scenario("call-trace", "--trace @/trace call new echo text=hello", TWO),
    Scenario("call-asks", "call it insatiable", {"it": ("modern", "")}),
    Scenario("call-adapter", "call adapter query sql=x", call=True, script=(RESULT,)),
    Scenario("call-remote", "call far echo text=hello", remote=""),
    Scenario("call-login-needed", "call far echo text=hello", remote="login"),
    Scenario("tools", "tools --tsv", TWO),
    Scenario("tools-array", "tools --openrouter", {"it": ("pages=3 tools=20 bad-tools", "")}),
    Scenario("servers", "servers", IT, files=BROKEN_FILES),
    Scenario("servers-show", "servers show it --origin", IT, files=BROKEN_FILES),
    Scenario("servers-disable", "servers disable it", IT),
    Scenario("config-errors", "tools --tsv", IT, files=BROKEN_FILES),
    Scenario("usage-error", "cal it echo"),
    Scenario("resources", "resources", {"it": ("features", ""), "new": ("features modern", "")}),
    Scenario("resources-read", "resources read it note://one", {"it": ("features", "")}),
    Scenario("prompts-get", "prompts get it greet who=world", {"it": ("features", "")}),
    Scenario("ask", "ask hi", script=(HELLO,)),
    Scenario("ask-tools", "ask hi", TWO, (
        calls(ECHO, call("new__add", '"a": 1, "b": 2'), call("it__image")), DONE)),
    Scenario("ask-known", "ask hi", TWO, (calls(ECHO), DONE), before=("tools",)),
    Scenario("ask-events", "--events ask hi", TWO, (
        calls(ECHO, call("new__fail")), calls(call("it__progress")), DONE)),
    Scenario("ask-json", "--json --no-stream ask hi", IT, (calls(ECHO), DONE)),
    Scenario("ask-dies", "ask hi", IT, (calls(call("it__die")), calls(ECHO), DONE)),
    Scenario("ask-restarts", "ask hi", IT, (
        calls(call("it__die")), calls(ECHO)[:-1] + ', "delay_ms": 900}', DONE), step=9),
    Scenario("ask-denied", "--no-input ask hi", {"it": ("", '"policy": "ask"')}, (
        calls(ECHO), DONE)),
    Scenario("ask-schema", "ask --schema @/schema.json hi", script=('{"text": "{\\"n\\": 1}"}',),
             files={"schema.json": SCHEMA}),
    Scenario("ask-file", "ask --file @/note.txt hi", script=(HELLO,),
             files={"note.txt": "a note\n"}),
    Scenario("ask-many-tools", "ask hi", {"it": ("tools=60", "")}, (
        calls(call("find_tools", '"query": "echo text"')), calls(ECHO), DONE)),
    Scenario("ask-large", "ask hi", IT, (calls(call("it__big", '"bytes": 300000')), DONE)),
    Scenario("ask-resume", "ask --resume", IT, (HELLO, DONE), before=("ask hi",), prompt="again"),
    Scenario("ask-refused", "ask hi", script=(
        '{"status": 400, "body": {"error": {"code": 400, "message": "no"}}}',)),
    Scenario("ask-loops", "ask hi", IT, (calls(ECHO)[:-1] + ', "repeat": 9}',)),
    Scenario("ask-cut", "ask hi", IT, ('{"text": ["Hel", "lo"], "cut": true}',)),
    Scenario("ask-sampling", "--no-input ask hi", {"it": ("", '"sampling": true')}, (
        calls(call("it__sample", '"params": {"messages": [{"role": "user", "content": '
                   '{"type": "text", "text": "x"}}], "maxTokens": 9}')), DONE)),
    Scenario("sessions", "--json sessions", script=(HELLO,), before=("ask hi",)),
    Scenario("sessions-delete", "sessions delete --all", script=(HELLO,), before=("ask hi",)),
    Scenario("models", "models", script=(MODELS,)),
    Scenario("doctor", "doctor", {"it": ("", ""), "dead": ("exit-at-start=3", "")}, (KEY,)),
    # A page that could not be answered is waited for: the person may reload it.
    Scenario("login", "--timeout 5 login far", remote="login", browser=True),
    Scenario("login-key", "--timeout 5 login", remote="", browser=True,
             files={"config/cordpair/settings.json":
                    '{"base_url": "http://localhost:@PORT@/api/v1", "profile": "openrouter"}'}),
    Scenario("daemon", "daemon", IT, clients=(
        "status", "call it echo text=hello", "--json status", "stop")),
    Scenario("daemon-changes", "daemon", TWO, clients=(
        "servers disable it", "reload", "servers enable it", "servers restart new", "reload",
        "call it echo text=hello", "servers", "stop")),
    Scenario("demo", "demo ls", files={"here/a.txt": "a\n"}),
    Scenario("files-server", "@/here", files={"here/a.txt": "a\n"}, stdin=SERVE,
             program="src/servers/cordpair-files"),
]

# For kill -9: calls in flight on several servers. c ignores signals and the end of its stdin, and
# has a child in a session of its own; a run that is not killed takes seconds to end it.
LOAD = (
    calls(*(call(f"{server}__{tool}", arguments) for server in "abc" for tool, arguments in (
        ("echo", '"text": "a"'), ("sleep", '"ms": 10'), ("big", '"bytes": 100000'))))[:-1]
    + ', "repeat": 2}',
    calls(*(call(f"{server}__echo", '"text": "b"') for server in "abc")), DONE)
MILD = {"a": ("", ""), "b": ("modern", ""), "c": ("", "")}
LOADS = [
    Scenario("load-host", "ask hi", MILD | {"c": ("stubborn grandchild=@/grandchild", "")}, LOAD),
    Scenario("load-servers", "ask hi", MILD, LOAD),
    Scenario("load-daemon", "daemon", MILD, clients=(
        "call a echo text=x", "call b big bytes=100000", "call c sleep ms=10", "stop")),
]
NAMED = {scenario.name: scenario for scenario in SCENARIOS + LOADS}
