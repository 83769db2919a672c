#!/bin/bash
# SPDX-License-Identifier: MIT
# More tools than a request may have: what the model gets, find_tools, and what tools cost.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

settings=$XDG_CONFIG_HOME/cordpair/settings.json
done_line='{"text": "Done."}'

# 20 servers, 15 tools each: 5 verbs times 3 things that nobody else has, with schemas that every
# family wants in another way.
things='git:commit,branch,tag mail:letter,mailbox,signature calendar:event,reminder,invitation
	weather:forecast,storm,temperature music:song,playlist,album maps:route,landmark,border
	shop:order,refund,coupon bank:transfer,invoice,receipt wiki:article,category,citation
	photos:picture,gallery,thumbnail contacts:person,company,nickname tasks:chore,milestone,sprint
	docs:paragraph,heading,footnote sheets:cell,row,chart slides:slide,theme,animation
	chat:channel,emoji,thread video:clip,subtitle,trailer health:pulse,workout,meal
	home:lamp,heater,shutter travel:flight,hotel,visa'
for pair in $things; do
	name=${pair%%:*}
	jq -rn --arg name "$name" --arg things "${pair#*:}" '[($things | split(",")[]) as $thing
		| ("create", "list", "delete", "update", "describe") as $verb
		| {name: ($verb + "_" + $thing),
		   description: ("Will \($verb) one \($thing) for the user of \($name)."),
		   inputSchema: {"$schema": "http://json-schema.org/draft-07/schema#", type: "object", title: "Input",
			properties: {title: {type: ["string", "null"], format: "email"}, ($thing + " id"): {"$ref": "#/$defs/id"},
				choice: {oneOf: [{const: "a"}, {type: "array", items: [{type: "number"}]}]}, any: {}},
			required: [$thing + " id"], additionalProperties: false, "$defs": {id: {type: "integer", exclusiveMinimum: 0}}}}]
		| map(tojson) | join(",")' >"$tmp/$name.list"
	server "$name" "bare list=$tmp/$name.list"
done
names() { request "$1" | jq -r '.tools[]?.function.name' | paste -sd' '; }
finds() { jq -nc --arg query "$1" '{name: "find_tools", arguments: {$query}}'; }
# prefix N: the tools of request N are those of the request after it, and then there are more or none.
prefix() { request_pair "$1" 'map(.tools | map(del(.cache_control)) | tojson) | .[0][:-1] as $first | .[1] | startswith($first)'; }
request_pair() { json "request $1 is the beginning of the next" "[$(request "$1"),$(request $(($1 + 1)))]" "$2"; }

# Every family: no request is refused, the right tool is found and called
for pair in openai:openai/gpt-5 anthropic:anthropic/claude-haiku-4.5 google:google/gemini-2.5-pro \
	bedrock:amazon/nova-pro mistral:mistralai/mistral-large; do
	family=${pair%%:*} model=${pair#*:}
	run "$cordpair" -m "$model" tools --openrouter home
	key=$(jq -r '.[] | select(.function.name == "home__create_heater") | .function.parameters.properties | keys[] | select(startswith("heater"))' <<<"$out")
	endpoint "$(jq -nc --arg family "$family" --argjson call "$(finds 'switch on heaters, create one')" '{calls: [$call], $family}')" \
		"$(jq -nc --arg family "$family" --arg key "$key" '{calls: [{name: "home__create_heater", arguments: {($key): 7}}], $family}')" \
		"$(jq -c --arg family "$family" '.family = $family' <<<"$done_line")"
	run "$cordpair" -m "$model" ask 'It is cold here.'
	is "$family: the run" "$status $out $(request_count)" '0 Done. 3'
	none "$family: nothing is refused" "$(jq -c 'select(.broken) | .broken' "$tmp/requests")"
	is "$family: 40 tools and find_tools" "$(names 1 | wc -w)" 41
	unlike "$family: the tool is not among them" " $(names 1) " ' home__create_heater '
	like "$family: it is found" "$(tool_message 2 1)" '^- home__create_heater: Will create one heater'
	like "$family: then it is there" " $(names 2) " ' home__create_heater '
	json "$family: it was called by its own names" "$(tool_message 3 2)" '. == {"heater id": 7}'
	prefix 1
	prefix 2
done
like 'what is left out is said once' "$(grep -c 'too many at once' <<<"$err") $err" \
	'^1 cordpair: 300 tools are too many at once: the model gets 40 and finds the others by find_tools'
json 'find_tools names the servers' "$(request 1)" \
	'.tools[] | select(.function.name == "find_tools").function.description | contains("bank (15), calendar (15)") and contains("wiki (15)")'
is 'a tool of each server, at least' "$(names 1 | tr ' ' '\n' | grep __ | sed 's/__.*//' | sort -u | wc -l)" 20

# What fits the prompt
endpoint "$done_line"
run "$cordpair" ask 'Which invoices are there? Please list the invoices, and the temperatures of today.'
like 'what the prompt asks for' " $(names 1) " ' bank__list_invoice .* weather__[a-z]*_temperature '
first=$(request 1 | jq -c .tools)
endpoint "$done_line"
run "$cordpair" ask 'Which invoices are there? Please list the invoices, and the temperatures of today.'
is 'the same prompt, the same bytes' "$(request 1 | jq -c .tools)" "$first"
run "$cordpair" --events ask 'hi'
events_are_valid 'many tools' "$out"

# A tool that is not listed
endpoint '{"calls": [{"name": "travel__update_visa", "arguments": {"visa_id": 1}}, {"name": "travel__update_visum"}]}' "$done_line"
run "$cordpair" -m anthropic/claude-haiku-4.5 ask 'Say hello to the lamp.'
unlike 'it is not listed' " $(names 1) " ' travel__update_visa '
like 'its call is made, or its arguments are judged' "$(tool_message 2 1)" 'visa id'
like 'it is listed from then on' "$(names 2)" ' travel__update_visa$'
is 'one that does not exist' "$(tool_message 2 2)" \
	'Error: there is no tool called "travel__update_visum"; did you mean "travel__update_visa"?; find_tools finds others'

# find_tools itself
endpoint "{\"calls\": [$(finds 'xylophone'), $(finds ''), {\"name\": \"find_tools\", \"arguments\": {\"question\": 1}}, {\"name\": \"find_tools\", \"arguments\": \"{\"}]}" \
	"$done_line"
run "$cordpair" --events ask hi
is 'words that nothing has: the run goes on' "$status" 0
like 'they are answered' "$(tool_message 2 1)" 'No tool has these words.*bank \(15\)'
like 'so are none' "$(tool_message 2 2)" 'No tool has these words'
like 'wrong arguments' "$(tool_message 2 3)" 'Error: arguments.query: expected a string'
like 'broken arguments' "$(tool_message 2 4)" '^Error: '
events_are_valid 'find_tools' "$out"
json 'nothing was added' "$(names 1 | jq -R .)" ". == $(names 2 | jq -R .)"
echo '{"limits": {"calls": 1}}' >"$settings"
endpoint "{\"calls\": [$(finds 'lamp'), $(finds 'visa')]}" "$done_line"
run "$cordpair" ask hi
is 'its calls count' "$status" 4
rm "$settings"

# Pinned
echo '{"pinned_tools": ["travel:*_visa", "git:list_tag"], "tools_max": 12}' >"$settings"
server health "bare list=$tmp/health.list" '"pinned_tools": ["*_pulse"]'
endpoint "$done_line"
run "$cordpair" ask 'Delete a shutter.'
is 'pinned ones are first, then what fits' "$(names 1)" \
	'git__list_tag health__create_pulse health__list_pulse health__delete_pulse health__update_pulse health__describe_pulse travel__create_visa travel__list_visa travel__delete_visa travel__update_visa travel__describe_visa home__delete_shutter find_tools'
endpoint "$done_line"
run "$cordpair" ask --tools-max 3 'Delete a shutter.'
is '--tools-max: pinned ones are there whatever it is' "$(names 1 | wc -w)" 12
run "$cordpair" servers show health
like 'servers show tells pinned_tools' "$out" 'pinned_tools.*\*_pulse'
run "$cordpair" ask --tools-max 129 hi
is '--tools-max: too many' "$status" 2
echo '{"pinned_tools": ["lamp"]}' >"$settings"
run "$cordpair" ask hi
is 'a pin that is none: exit' "$status" 78
like 'it is said' "$err" 'settings.json:1:18: "pinned_tools" is not an array of "SERVER:TOOL"'
rm "$settings"

# The most that a request may have: found ones go when there is no room, called ones stay
things_of() { grep -o "${1}:[a-z,]*" <<<"$things" | cut -d: -f2 | tr , ' '; }
lines=()
for name in git mail calendar weather music maps shop bank wiki photos contacts tasks docs sheets slides; do
	for thing in $(things_of "$name"); do lines+=("{\"calls\": [$(finds "$thing")], \"family\": \"openai\"}"); done
done
lines[2]='{"calls": [{"name": "git__delete_tag", "arguments": {"tag id": 3}}], "family": "openai"}'
endpoint "${lines[@]}" '{"text": "Done.", "family": "openai"}'
echo '{"limits": {"turns": 100}}' >"$settings"
run "$cordpair" -v -m openai/gpt-5 ask hi
is 'many searches: none is refused' "$status $out $(request_count)" "0 Done. $((${#lines[@]} + 1))"
ok 'never more than 128' [ "$(jq '.body.tools | length' "$tmp/requests" | sort -n | tail -1)" -le 128 ]
like 'that room was made is told' "$err" 'those that were not called go'
like 'what was called is there' " $(names "$(request_count)") " ' git__delete_tag '
like 'so is what was found last' "$(names "$(request_count)")" 'slides__[a-z]*_animation'
rm "$settings"

# A budget of tokens
endpoint '{"probe": true, "unchecked": true, "body": {"data": [{"id": "test/small", "context_length": 20000, "supported_parameters": ["tools"]}]}}' "$done_line"
run "$cordpair" models
run "$cordpair" -m test/small ask hi
ok 'a small context: 15 % of it' [ "$(request 2 | jq -c '[.tools[] | select(.function.name != "find_tools")]' | wc -c)" -le 12000 ]
ok 'a small context: and not much less' [ "$(request 2 | jq -c .tools | wc -c)" -ge 9000 ]
run "$cordpair" -m test/small tools --cost
like 'tools --cost: the budget' "$out" 'at most 40 tools and 3000 tokens'
run "$cordpair" -m test/small --json tools --cost
json 'tools --cost --json: the budget' "$out" '.budget_tokens == 3000 and .context == 20000 and .budget_tools == 40'

# A tool that comes in the course of a run
server dynamic ''
endpoint '{"calls": [{"name": "dynamic__change_tools"}]}' '{"calls": [{"name": "dynamic__echo", "arguments": {"text": "x"}}]}' "$done_line"
run "$cordpair" ask hi
like 'a new tool is listed' "$(names 3)" ' dynamic__added_later$'
prefix 1
prefix 2
rm "$servers_d/dynamic.json"
# … is not one that comes back with its server
server flaky "once state=$tmp/flaky tools=60"
server it ''
endpoint '{"calls": [{"name": "flaky__echo", "arguments": {"text": "x"}}]}' '{"calls": [{"name": "it__sleep", "arguments": {"ms": 2000}}]}' "$done_line"
run "$cordpair" ask hi
is 'a server dies and comes back: the run' "$status $out $(request_count)" '0 Done. 3'
unlike 'its tools are not there' "$(names 2)" 'flaky__'
if grep -q flaky__ <<<"$(names 3)"; then
	is 'then the same tools are in the same places' "$(names 3)" "$(names 1) it__sleep"
else
	skip 'then the same tools are in the same places' 'the server is slow to come back'
fi
rm "$servers_d/flaky.json" "$servers_d/it.json"

# A conversation that is gone on with
endpoint '{"calls": [{"name": "travel__list_visa", "arguments": {"visa id": 1}}]}' "$done_line"
run "$cordpair" -m openai/gpt-5 ask hi
unlike 'a tool that was not listed is called' " $(names 1) " ' travel__list_visa '
endpoint "$done_line"
run "$cordpair" -m openai/gpt-5 ask --resume 'And again?'
like 'it is listed from the start in the next run' " $(names 1) " ' travel__list_visa '
is 'within the budget' "$(names 1 | wc -w)" 41

# A refusal: the place in the array is the tool's, whatever the host's own tools are
endpoint "{\"calls\": [$(finds lamp)]}" "$done_line"
run "$cordpair" -m anthropic/claude-haiku-4.5 ask hi
place=$(request 2 | jq '.tools | map(.function.name) | index("home__describe_lamp")')
ok 'it is behind find_tools' [ "$place" -gt 40 ]
endpoint "{\"calls\": [$(finds lamp)]}" \
	"{\"text\": \"Done.\", \"refuse\": [\"home__describe_lamp\"], \"refusal\": \"tools.$place.custom.input_schema: JSON schema is invalid\"}"
run "$cordpair" -m anthropic/claude-haiku-4.5 ask hi
is 'a found tool that is refused: found by its place' "$status $out $(request_count)" '0 Done. 5'
like 'it is named' "$err" 'refuses the tool home__describe_lamp'
unlike 'and left out' " $(names "$(request_count)") " ' home__describe_lamp '
rm -r "$XDG_STATE_HOME"

# tools --cost
run "$cordpair" tools --cost
is '--cost: exit 0' "$status" 0
is '--cost: each server, and all' "$(grep -cE '^ +[0-9]+ +[0-9]+  ' <<<"$out")" 21
is '--cost: the dearest first' "$(grep -oE '^ +[0-9]+ +15  ' <<<"$out" | sort -rnsc 2>&1)" ''
like '--cost: the sum' "$out" '^ +[0-9]+ +300  \(all\)$'
like '--cost: how' "$out" 'A token is taken as 4 bytes'
run "$cordpair" tools --cost git home
is '--cost with names: each tool' "$(grep -cE '^ +[0-9]+ +(create|list|delete|update|describe)_' <<<"$out")" 30
run "$cordpair" --json tools --cost
json '--cost --json' "$out" '.count == 300 and (.servers | length == 20 and all(.[]; .tools | length == 15))
	and .bytes == ([.servers[].bytes] | add) and .bytes == ([.servers[].tools[].bytes] | add)
	and (.servers == (.servers | sort_by(-.bytes))) and .tokens == (.bytes / 4 | ceil) and .bytes_per_token == 4'
bytes=$(jq .bytes <<<"$out")
run "$cordpair" tools --openrouter
is '--cost counts what is sent' "$bytes" "$((${#out} - 301))"
no_servers
run "$cordpair" tools --cost
is '--cost without a tool' "$status" 0
run "$cordpair" --json tools --cost
json '--cost --json without a tool' "$out" '.count == 0 and .servers == []'
endpoint_stop
done_testing
