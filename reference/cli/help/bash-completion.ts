/**
 * Completion for bash, which needs nothing but bash 4.3.
 * @module
 */

import { allCommands, type CommandEntry, type Value } from './command-table.ts';

/** The script that completes the command `program`. */
export function bashCompletion(program: CommandEntry): string {
  const commands = allCommands(program);
  return `# Completion of composefs-oci for bash, printed by: composefs-oci completion bash

# Sets options to those of the command $1.
_composefs_oci_options() {
  case $1 in
${commands.map(command => `    '${command.words.join(' ')}') options='${flagsOf(command)}' ;;`).join('\n')}
  esac
}

# Sets value to the kind, or the list, of values of an option of the command $1, or of its argument with a number: $2.
_composefs_oci_value() {
  value=
  case "$1 $2" in
${valueCases(commands)}
  esac
}

# Completes paths after the text $1; $2 is -f for all, or -d for directories.
_composefs_oci_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$1$path"); done < <(compgen "$2" -- "\${word#"$1"}")
}

_composefs_oci() {
  local line=\${COMP_LINE:0:COMP_POINT} words word previous='' complete='' command='' position=1 options value prefix i
  # Without -r: a backslash keeps a space in a word.
  IFS=$' \\t\\n' read -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    word=\${words[i]}
    _composefs_oci_value "$command" "$previous"
    # The value of an option, or one more of its values.
    if [[ $previous == -* && ( $value == file || $value == image || $value == text ) ]]; then
      previous=
    elif [[ $previous == -* && " $value " == *" $word "* ]]; then
      complete=1
    elif [[ $word == -* ]]; then
      previous=$word
      complete=
    else
      previous=
      _composefs_oci_value "$command" 1
      if [[ $value == commands:*" $word "* ]]; then command+=\${command:+ }$word; else ((position++)); fi
    fi
  done
  word=\${words[-1]}
  COMPREPLY=()
  prefix=
  if [[ $word == --*=* ]]; then
    prefix=\${word%%=*}=
    _composefs_oci_value "$command" "\${word%%=*}"
  else
    _composefs_oci_value "$command" "$previous"
    [[ $previous == -* && -z $complete && -n $value ]] || _composefs_oci_value "$command" "$position"
    if [[ $word == -* ]]; then
      _composefs_oci_options "$command"
      value=$options
    fi
  fi
  case $value in
    text | '') ;;
    file) _composefs_oci_paths "$prefix" -f ;;
    image | source)
      case \${word#"$prefix"} in
        oci:*) _composefs_oci_paths "\${prefix}oci:" -d ;;
        oci-archive:* | docker-archive:*) _composefs_oci_paths "\${word%%-archive:*}-archive:" -f ;;
        *)
          COMPREPLY=($(compgen -P "$prefix" -W 'oci: oci-archive: docker-archive:' -- "\${word#"$prefix"}"))
          [[ \${#COMPREPLY[@]} -gt 0 ]] && compopt -o nospace 2>/dev/null
          [[ $value == source ]] && _composefs_oci_paths "$prefix" -f
          ;;
      esac
      ;;
    *) COMPREPLY=($(compgen -P "$prefix" -W "\${value#commands:}" -- "\${word#"$prefix"}")) ;;
  esac
  # Bash replaces only what follows the last of its word breaks.
  for i in : =; do
    [[ $COMP_WORDBREAKS == *$i* && $word == *$i* ]] && COMPREPLY=("\${COMPREPLY[@]#"\${word%"$i"*}$i"}")
  done
}

complete -F _composefs_oci composefs-oci
`;
}

function flagsOf({ options }: CommandEntry): string {
  return options.flatMap(({ flags }) => flags.filter(flag => flag.startsWith('--'))).join(' ');
}

/** One line for each value, with all commands and options that take it. */
function valueCases(commands: readonly CommandEntry[]): string {
  const patterns = new Map<string, string[]>();
  const add = (value: string, command: CommandEntry, key: string) =>
    patterns.set(value, [...(patterns.get(value) ?? []), `'${command.words.join(' ')} '${key}`]);
  for (const command of commands) {
    // Spaces around each, so that a command can be looked for.
    const names = command.subcommands.map(({ words }) => words.at(-1));
    if (names.length > 0) add(`commands: ${names.join(' ')} `, command, '1');
    for (const [index, { value, variadic }] of command.arguments.entries())
      add(bashValue(value), command, variadic ? '[1-9]*' : `${index + 1}`);
    for (const { value, flags } of command.options)
      for (const flag of flags) if (value !== undefined) add(bashValue(value), command, flag);
  }
  return [...patterns].map(([value, keys]) => `    ${keys.join(' | ')}) value='${value}' ;;`).join('\n');
}

function bashValue(value: Value): string {
  return value.kind === 'choices' ? value.choices.join(' ') : value.kind;
}
