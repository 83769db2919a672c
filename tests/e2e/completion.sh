#!/bin/bash
# SPDX-License-Identifier: MIT
# prompts complete, resources complete: what a server proposes for an argument (2.9).
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

answer='{"resultType": "complete", "completion": {"values": ["python", "py\u001b[31mtorch"], "total": 7, "hasMore": true}}'
declared='"capabilities": {"tools": {}, "prompts": {}, "resources": {}, "completions": {}}'
for era in legacy modern; do
	scripted it "{\"era\": \"$era\", $declared, \"on\": {\"completion/complete\": [[{\"id\": \"\$id\", \"result\": $answer}]]}}"
	run "$cordpair" prompts complete it review language=py framework='a=b'
	is "$era: proposals, made safe" "$status $out" $'0 python\npytorch'
	like "$era: there are more" "$err" 'there are 7; write more'
	is "$era: what was asked" "$(said it 'select(.method == "completion/complete") | .params | del(._meta)')" \
		'{"ref":{"type":"ref/prompt","name":"review"},"argument":{"name":"language","value":"py"},"context":{"arguments":{"framework":"a=b"}}}'
	frames_are_valid "$era: prompts" it
	scripted it "{\"era\": \"$era\", $declared, \"on\": {\"completion/complete\": [[{\"id\": \"\$id\", \"result\": $answer}]]}}"
	run "$cordpair" --json resources complete it 'file:///{path}' path=
	json "$era: as JSON, as it came" "$out" '.completion.values | length == 2'
	is "$era: of a template" "$(said it 'select(.method == "completion/complete") | .params | del(._meta)')" \
		'{"ref":{"type":"ref/resource","uri":"file:///{path}"},"argument":{"name":"path","value":""}}'
	frames_are_valid "$era: resources" it
done

scripted it '{"on": {}}'
run "$cordpair" prompts complete it review language=py
is 'a server that completes nothing' "$status" 76
like 'said' "$err" 'server "it" has no completion of arguments'
is 'and it is not asked' "$(said it 'select(.method == "completion/complete")')" ''
scripted it "{$declared, \"on\": {\"completion/complete\": [[{\"id\": \"\$id\", \"error\": {\"code\": -32602, \"message\": \"no such prompt\"}}]]}}"
run "$cordpair" prompts complete it review language=py
is 'refused' "$status" 78
like 'refused: why' "$err" 'refused completion/complete: no such prompt'
run "$cordpair" prompts complete it review language
is 'no prefix' "$status" 2
run "$cordpair" prompts complete it review
is 'nothing to complete' "$status" 2
done_testing
