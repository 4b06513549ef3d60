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

# The forms of a command that its usage has bars between, one a line.
_ruadctl_forms() {
    "$1" help "$2" 2>/dev/null |
        sed -n "1s/^.*-o FORMAT\] $2 *\(\[OPTION\.\.\.\]\)\{0,1\} *//p" |
        sed 's/ | /\n/g'
}

# What its first argument may be: the words in lower case that forms begin with.
_ruadctl_actions() {
    _ruadctl_forms "$1" "$2" | grep -o '^[a-z][a-z0-9-]*'
}

# Whether a DOMAIN comes next, behind an action or as the first argument.
_ruadctl_takes_domain() {
    _ruadctl_forms "$1" "$2" | grep -q "^${3:+$3 }\[\{0,1\}DOMAIN"
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
    --role) echo viewer editor admin ;;
    --psd) echo y n u ;;
    --historic) echo keep drop ;;
    --format) [ "$2" != export ] || { echo xml; return; }
        echo text bind nsupdate route53 cloudflare terraform powerdns ;;
    -*[!A-Za-z-]*) ;; # no option
    -*)
        "$1" help ${2:+"$2"} 2>/dev/null |
            sed -n "/^Options/,/^\$/s/^  .*$3,\{0,1\} \(--[a-z-]* \)\{0,1\}\([A-Z]\{1,\}\) .*/\2/p"
        ;;
    esac
}

# The domains that reports are about, in the store that the rest of the
# arguments name. Their names are what strangers wrote, and bash expands what it
# is given as words: only plain ones pass.
_ruadctl_domains() {
    "$@" -o csv summary 2>/dev/null | sed 1d | cut -d, -f1 |
        grep -xE '[A-Za-z0-9._-]+'
}

# What may stand where the cursor is; fails where that is the name of a file. The
# arguments are the word, the command, its first argument and how many there
# are, and the program with what names its store.
_ruadctl_words() {
    local word=$1 command=$2 action=$3 arguments=$4
    shift 4

    if [[ $word == -* ]]; then
        _ruadctl_options "$1" "$command"
    elif [[ -z $command || ($command == help && $arguments -eq 0) ]]; then
        _ruadctl_commands "$1"
    elif [[ $arguments -eq 0 ]] && _ruadctl_actions "$1" "$command"; then
        ! _ruadctl_takes_domain "$1" "$command" '' || _ruadctl_domains "$@"
    elif [[ $arguments -lt 2 ]] &&
        _ruadctl_takes_domain "$1" "$command" "$action"; then
        _ruadctl_domains "$@"
    else
        return 1
    fi
    return 0
}

_ruadctl() {
    local program=$1 word=$2 command='' arguments=0 action='' i values words
    local with_store=("$1")

    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} != -* ]]; then
            if [[ -z $command ]]; then
                command=${COMP_WORDS[i]}
            else
                ((arguments++)) || action=${COMP_WORDS[i]}
            fi
        elif [[ -n $(_ruadctl_values "$program" "$command" \
            "${COMP_WORDS[i]}") ]]; then
            case ${COMP_WORDS[i]} in
            -[cd] | --config | --store)
                with_store+=("${COMP_WORDS[@]:i:2}")
                ;;
            esac
            ((i++))
        fi
    done
    values=$(_ruadctl_values "$program" "$command" "$3")
    COMPREPLY=()
    case $values in
    '')
        if words=$(_ruadctl_words "$word" "$command" "$action" "$arguments" \
            "${with_store[@]}"); then
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
        fi
        ;;
    DOMAIN)
        words=$(_ruadctl_domains "${with_store[@]}")
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
        ;;
    FILE | STORE) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    [A-Z]*) ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word") ;;
    esac
}

complete -o filenames -F _ruadctl ruadctl
