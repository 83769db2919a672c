# SPDX-License-Identifier: MIT
# fish completion for cordpair(1)

function __cordpair_servers
    cordpair servers list 2>/dev/null | string match -r '^[A-Za-z0-9][A-Za-z0-9_-]*'
end

complete -c cordpair -f
complete -c cordpair -n __fish_use_subcommand -a ask -d 'Ask a model that may use tools'
complete -c cordpair -n __fish_use_subcommand -a call -d 'Call one tool, without a model'
complete -c cordpair -n __fish_use_subcommand -a tools -d 'List the tools'
complete -c cordpair -n __fish_use_subcommand -a servers -d 'Show and switch servers'
complete -c cordpair -n __fish_use_subcommand -a doctor -d 'Examine everything'
complete -c cordpair -n __fish_use_subcommand -a demo -d 'The main job without a key'
complete -c cordpair -n __fish_use_subcommand -a help -d 'Show help'
complete -c cordpair -l servers-dir -x -a '(__fish_complete_directories)' -d 'Read servers from this directory only'
complete -c cordpair -l server -x -d 'NAME=COMMAND: add a server for this run'
complete -c cordpair -l base-url -x -d 'The endpoint of the model'
complete -c cordpair -s m -l model -x -d 'The model'
complete -c cordpair -l json -d 'Print one JSON object'
complete -c cordpair -l events -d 'Print one JSON object for each event'
complete -c cordpair -s q -l quiet -d 'Only errors'
complete -c cordpair -s v -l verbose -d 'Details'
complete -c cordpair -l no-stream -d 'Ask for the answer in one piece'
complete -c cordpair -l trace -r -F -d 'Write every message to a file'
complete -c cordpair -l timeout -x -d 'End the whole run after that'
complete -c cordpair -l no-daemon -d 'Use no warm servers'
complete -c cordpair -l no-input -d 'Ask nobody'
complete -c cordpair -l yes-to -x -d 'SERVER:TOOL: allow for this run'
complete -c cordpair -s h -l help -d 'Show help'
complete -c cordpair -l version -d 'Show the version'
complete -c cordpair -n '__fish_seen_subcommand_from ask' -s s -l use -x -a '(__cordpair_servers)' -d 'Use only this server'
complete -c cordpair -n '__fish_seen_subcommand_from ask' -s f -l file -r -F -d 'Add the text of a file'
complete -c cordpair -n '__fish_seen_subcommand_from tools' -l tsv -d 'Lines with tabs'
complete -c cordpair -n '__fish_seen_subcommand_from tools' -l openrouter -d 'The array that is sent'
complete -c cordpair -n '__fish_seen_subcommand_from call tools' -a '(__cordpair_servers)'
complete -c cordpair -n '__fish_seen_subcommand_from servers' -l origin -d 'Every file that is involved'
complete -c cordpair -n '__fish_seen_subcommand_from servers' -a 'list show check enable disable (__cordpair_servers)'
complete -c cordpair -n '__fish_seen_subcommand_from doctor' -l limits -d 'Show every limit'
