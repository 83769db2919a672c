# SPDX-License-Identifier: MIT
# bash completion for cordpair(1)

_cordpair_names() { # of servers; "enabled" or ".": which standing
	cordpair servers list --json 2>/dev/null |
		sed -n 's/.*/&/; s/[{,]"name":"\([^"]*\)","standing":"\('"$1"'\)"/\n\1\n/gp' |
		grep -E '^[A-Za-z0-9][A-Za-z0-9_-]*$'
}

_cordpair_sessions() {
	cordpair sessions 2>/dev/null | sed -n 's/^\([0-9a-f]\{8,32\}\)  .*/\1/p'
}

_cordpair() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' words='' i
	local commands='ask call tools servers models sessions resources prompts login doctor daemon status reload stop demo help'
	local options='--servers-dir --server --base-url --model --json --events --quiet --verbose
		--no-stream --trace --timeout --no-daemon --no-input --yes-to --help --version'

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--servers-dir | --server | --base-url | --model | -m | --trace | --timeout | --yes-to | --max-cost | --tools-max | --schema | --fallback | --provider | --service-tier | --session-id | --reasoning) ((i++)) ;;
		-*) ;;
		*) command=${COMP_WORDS[i]} && break ;;
		esac
	done
	case $prev in
	--servers-dir) mapfile -t COMPREPLY < <(compgen -d -- "$cur") && return ;;
	--trace | --file | -f | --schema) mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return ;;
	--use | -s) mapfile -t COMPREPLY < <(compgen -W "$(_cordpair_names enabled)" -- "$cur") && return ;;
	--resume) mapfile -t COMPREPLY < <(compgen -W "$(_cordpair_sessions)" -- "$cur") && return ;;
	--server | --base-url | --model | -m | --timeout | --yes-to | --max-cost | --tools-max | --fallback | --session-id) return ;;
	--reasoning) mapfile -t COMPREPLY < <(compgen -W 'max xhigh high medium low minimal none' -- "$cur") && return ;;
	--service-tier) mapfile -t COMPREPLY < <(compgen -W 'auto default fast flex priority scale' -- "$cur") && return ;;
	--provider)
		words='order= only= ignore= sort= max_price.prompt= max_price.completion= data_collection= zdr
			allow_fallbacks= require_parameters quantizations= preferred_min_throughput= preferred_max_latency='
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") && return
		;;
	esac
	case $command in
	'') words="$commands $options" ;;
	ask) words="--reasoning --use --prompt --file --schema --fallback --provider --service-tier --session-id --max-cost --resume --no-session --tools-max $options" ;;
	tools) words="--tsv --openrouter --explain --cost $options $(_cordpair_names enabled)" ;;
	call) words="$options $(_cordpair_names enabled)" ;;
	resources) words="list read watch complete --output $options $(_cordpair_names enabled)" ;;
	prompts) words="list get complete $options $(_cordpair_names enabled)" ;;
	login) words="--scope --no-browser --forget $options $(_cordpair_names enabled)" ;;
	models) words="--tools --refresh $options" ;;
	sessions)
		case $prev in
		sessions) words="list show export delete --all $options" ;;
		*) words="--all $(_cordpair_sessions)" ;;
		esac
		;;
	daemon) words="$options $(_cordpair_names enabled)" ;;
	doctor) words="--limits $options $(_cordpair_names enabled)" ;;
	help) words=$commands ;;
	servers)
		case $prev in
		show | enable | disable | logs | restart) words=$(_cordpair_names '[a-z]*') ;;
		*) words="list show check enable disable logs restart --origin $options" ;;
		esac
		;;
	*) words=$options ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _cordpair cordpair
