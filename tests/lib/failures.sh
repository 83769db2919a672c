# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The sentences of docs/failures.md: each is provoked, and has to be said as it stands there.
#
#   section TITLE             what follows are the cases of "## TITLE"
#   failure ID                a case begins, with a home of its own
#   ask ANSWER...             `cordpair ask hi`, and the endpoint answers so
#   model TOOL ARGUMENTS [N]  the same of a model that calls it__TOOL (N times); it is the model that
#                             is told
#   model_got REQUEST I       the same of an endpoint() that is there already, and its tool message
#   call [ARGUMENT]...        `cordpair call it` with these
#   other COMMAND ARGUMENT... `cordpair` with these; it stands as COMMAND in the document
#   failures_end              each id had its case, and each command of its row
#
# A case may set options, program (how cordpair is started) and settings.json, $settings.
# It runs each command of its row. The sentence is a whole line of stderr (for "model": of what
# the model got), once; PLACEHOLDERS match what the table below says.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "${BASH_SOURCE[0]}")/scripted.sh"

document=$TOP_SRCDIR/docs/failures.md
done_line='{"text": "Done."}'
settings=$XDG_CONFIG_HOME/cordpair/settings.json
placeholders=(
	SERVER 'it'
	TOOL '[a-z_?]+'
	FILE '/[^ ]+'
	LINE '[0-9]+'
	COLUMN '[0-9]+'
	N '[0-9]+'
	KEY '[A-Za-z_]+'
	NAME '[A-Za-z_]+'
	NEAR '[A-Za-z_]+'
	PROGRAM '[^ ]+'
	METHOD '[a-z/]+'
	MODEL 'test/model'
	HOST '127\.0\.0\.1:[0-9]+'
	URL 'http://[^ ]+'
	AMOUNT '[0-9.]+ USD'
	SPENT '[0-9]+ model requests?, [0-9]+ tool calls?[a-z0-9., USD]*'
	REASON '.+'
	WORDS '.+'
)

# The rows of a section: ID, sentence and exits between tabs.
rows() {
	awk -F' *[|] *' -v wanted="$1" '
		/^## / { title = substr($0, 4) }
		title == wanted && /^\| `/ { gsub(/`/, "", $2); print $2 "\t" $3 "\t" $5 }' "$document"
}
declare -A sentence_of exits_of
section() {
	local row_id row_sentence row_exits
	while IFS=$'\t' read -r row_id row_sentence row_exits; do
		sentence_of[$row_id]=$row_sentence
		exits_of[$row_id]=$row_exits
	done < <(rows "$1")
}

pattern_of() {
	local text i
	text=$(sed 's/[][\.*^$+?(){}|]/\\&/g' <<<"$1")
	for ((i = 0; i < ${#placeholders[@]}; i += 2)); do
		text=$(sed "s~\\b${placeholders[i]}\\b~${placeholders[i + 1]}~g" <<<"$text")
	done
	echo "$text"
}

id=
ended_cases=
failure() {
	failure_end
	id=$1
	ran=
	if [ -z "${sentence_of[$id]-}" ]; then
		fail "$id: it is no id of docs/failures.md"
	fi
	pattern=$(pattern_of "${sentence_of[$id]-none}")
	rm -rf "$servers_d" "${XDG_STATE_HOME:?}" "${XDG_CACHE_HOME:?}" "$settings"
	mkdir "$servers_d"
	chmod 700 "$servers_d"
	options=()
	unset program
}
failure_end() {
	[ -n "$id" ] || return 0
	ended_cases+=" $id"
	is "$id: each command of the document" "$(tr ' ' '\n' <<<"$ran" | sort -u | paste -sd' ')" \
		"$(tr ',' '\n' <<<"${exits_of[$id]-}" | awk '{ print $1 }' | sort -u | paste -sd' ')"
}
exit_of() { tr ',' '\n' <<<"${exits_of[$id]-}" | awk -v command="$1" '$1 == command { print $2 }'; }
outcome_in() {
	case $1 in
	call) echo 'the call was not made' ;;
	*) echo 'it is left out' ;;
	esac
}
# said_once COMMAND LINES
said_once() {
	ran+="${ran:+ }$1"
	is "$id: $1: exit" "$status" "$(exit_of "$1")"
	is "$id: $1: ${sentence_of[$id]-}" \
		"$(grep -Ec "^(cordpair: (warning: )?|Error: )${pattern/OUTCOME/$(outcome_in "$1")}\$" <<<"$2")" 1
}

ask() {
	endpoint "$@"
	run "${program[@]:-$cordpair}" "${options[@]}" ask hi
	said_once ask "$err"
}
model() {
	local i answers=()
	for ((i = 0; i < ${3-1}; i++)); do
		answers+=("$(jq -nc --arg name "it__$1" --argjson arguments "$2" '{calls: [{$name, $arguments}]}')")
	done
	endpoint "${answers[@]}" "$done_line"
	model_got $((${3-1} + 1)) "${3-1}"
}
# model_got REQUEST I: the endpoint is there already
model_got() {
	run "${program[@]:-$cordpair}" "${options[@]}" ask hi
	said_once model "$(tool_message "$1" "$2")"
}
call() { other call "${options[@]}" call it "$@"; }
other() {
	local command=$1
	shift
	run "${program[@]:-$cordpair}" "$@"
	said_once "$command" "$err"
}

failures_end() {
	failure_end
	endpoint_stop
	is 'each id of these sections has one case' "$(tr ' ' '\n' <<<"${ended_cases# }" | sort)" \
		"$(printf '%s\n' "${!sentence_of[@]}" | sort)"
	done_testing
}
