#!/bin/sh
# A broker for tests: `broker --config FILE [--check]` or `broker --check-topics`. It is ready at once and ends with its input.
if [ "$2" = --check-topics ]; then
    case "$(cat)" in
    *nonsense*) echo '[{ "index": 0, "key": "nonsense", "sentence": "Unknown topic config name: nonsense" }]' ;;
    *) echo '[]' ;;
    esac
    exit 0
fi
folder=$(dirname "$3")
if [ "$4" = --check ]; then
    number=0
    while read -r line; do
        number=$((number + 1))
        case "$line" in *nonsense*) echo "<stdin>:$number: '${line%%=*}' is no key of a broker" >&2; bad=1 ;; esac
    done
    [ -z "$bad" ] || exit 2
    exit 0
fi
echo start >>"$folder/starts"
if [ -e "$folder/fail" ]; then
    echo "the disk is made of cheese" >&2
    exit 1
fi
echo ready
exec cat >/dev/null
