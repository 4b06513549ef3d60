# shellcheck shell=bash
# Completion of ruadctl(1) for bash. Commands, their actions and options are
# those that the help of the program lists; only the words that options take
# stand here.

# The commands.
_ruadctl_commands() {
    "$1" help 2>/dev/null |
        sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# The options of a command, or the global ones without; both forms of each.
_ruadctl_options() {
    "$1" help ${2:+"$2"} 2>/dev/null |
        sed -n '/^Options/,/^$/s/^  \(-.\)\{0,1\}[, ]*\(--[a-z-]*\).*/\1 \2/p'
}

# What its first argument may be: the words in lower case that its usage begins
# with, or has behind a bar.
_ruadctl_actions() {
    "$1" help "$2" 2>/dev/null |
        sed -n "1s/^.*-o FORMAT\] $2 *\(\[OPTION\.\.\.\]\)\{0,1\} */| /p" |
        grep -o '| [a-z][a-z]*' | cut -c3-
}

# What an option of a command takes: words, or the name that its help has for
# the value; nothing where it takes none.
_ruadctl_values() {
    case $3 in
    -o | --output) echo table json jsonl csv ;;
    --by) echo ip network header-from dkim-domain spf-domain ;;
    --disposition) echo none pass quarantine reject unknown ;;
    --spf | --dkim | --dmarc) echo pass fail unknown ;;
    --p | --sp | --np) echo none quarantine reject ;;
    --adkim | --aspf) echo r s ;;
    --t) echo y n ;;
    --psd) echo y n u ;;
    --historic) echo keep drop ;;
    --format) echo text bind nsupdate route53 cloudflare terraform powerdns ;;
    -*[!A-Za-z-]*) ;; # no option
    -*)
        "$1" help ${2:+"$2"} 2>/dev/null |
            sed -n "/^Options/,/^\$/s/^  .*$3,\{0,1\} \(--[a-z-]* \)\{0,1\}\([A-Z]\{1,\}\) .*/\2/p"
        ;;
    esac
}

# What may stand where the cursor is, but for the names of files.
_ruadctl_words() {
    local program=$1 command=$2 arguments=$3 word=$4

    if [[ $word == -* ]]; then
        _ruadctl_options "$program" "$command"
    elif [[ -z $command || ($command == help && $arguments -eq 0) ]]; then
        _ruadctl_commands "$program"
    elif [[ $arguments -eq 0 ]]; then
        _ruadctl_actions "$program" "$command"
    fi
}

_ruadctl() {
    local program=$1 word=$2 command='' arguments=0 i values words

    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} != -* ]]; then
            if [[ -z $command ]]; then
                command=${COMP_WORDS[i]}
            else
                ((arguments++))
            fi
        elif [[ -n $(_ruadctl_values "$program" "$command" \
            "${COMP_WORDS[i]}") ]]; then
            ((i++))
        fi
    done
    values=$(_ruadctl_values "$program" "$command" "$3")
    COMPREPLY=()
    case $values in
    '')
        words=$(_ruadctl_words "$program" "$command" "$arguments" "$word")
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
        [[ -n $words || -z $command || $word == -* ]] ||
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
        ;;
    FILE | STORE) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    [A-Z]*) ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word") ;;
    esac
}

complete -o filenames -F _ruadctl ruadctl
