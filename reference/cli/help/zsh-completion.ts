/**
 * Completion for zsh.
 * @module
 */

import { allCommands, type CommandEntry, type OptionEntry, type Value } from './command-table.ts';

/** The script that completes the command `program`. */
export function zshCompletion(program: CommandEntry): string {
  const functions = allCommands(program).map(
    command =>
      `${functionName(command)}() {\n${command.subcommands.length > 0 ? group(command) : leaf(command)}\n}\n`,
  );
  return `#compdef composefs-oci
# Completion of composefs-oci for zsh, printed by: composefs-oci completion zsh

# Images: a transport, then a path.
_composefs_oci_image() {
  if compset -P 'oci:'; then
    _files -/
  elif compset -P '(oci|docker)-archive:'; then
    _files
  else
    compadd "$@" -S '' -- oci: oci-archive: docker-archive:
  fi
}

_composefs_oci_source() {
  _composefs_oci_image "$@"
  [[ $PREFIX == (oci|oci-archive|docker-archive):* ]] || _files
}

${functions.join('\n')}
# As a file of $fpath, this is the body of the function; otherwise it has been sourced.
if [[ $funcstack[1] == _composefs-oci ]]; then
  _composefs_oci "$@"
else
  compdef _composefs_oci composefs-oci
fi
`;
}

function functionName({ words }: CommandEntry): string {
  return ['_composefs_oci', ...words].join('_');
}

function group(command: CommandEntry): string {
  const names = command.subcommands.map(
    ({ words, description }) => `      ${quoted(`${words.at(-1)}:${escaped(description)}`)}`,
  );
  return `  local state line
  _arguments -C \\
${command.options.map(option => `    ${optionSpec(option)} \\`).join('\n')}
    '1: :->command' '*:: :->arguments'
  if [[ $state == command ]]; then
    local -a commands=(
${names.join('\n')}
    )
    _describe command commands
  elif [[ $state == arguments && $+functions[${functionName(command)}_$line[1]] == 1 ]]; then
    ${functionName(command)}_$line[1]
  fi`;
}

function leaf(command: CommandEntry): string {
  const specs = [
    ...command.options.map(optionSpec),
    ...command.arguments.map(({ name, value, variadic }, index) =>
      quoted(`${variadic ? '*' : index + 1}:${escaped(name)}:${action(value)}`),
    ),
  ];
  return `  _arguments${specs.map(spec => ` \\\n    ${spec}`).join('')}`;
}

function optionSpec({ flags, description, value, repeatable }: OptionEntry): string {
  const text = `[${escaped(description)}]`;
  const argument = value === undefined ? '' : `:${flags[0]?.slice(2)}:${action(value)}`;
  const names = flags.map(flag => (value === undefined ? flag : `${flag}=`));
  const others = repeatable ? '*' : `(${flags.join(' ')})`;
  const alternatives = names.length === 1 ? names[0] : `{${names.join(',')}}`;
  return names.length === 1
    ? quoted(`${others}${alternatives}${text}${argument}`)
    : `${quoted(others)}${alternatives}${quoted(`${text}${argument}`)}`;
}

function action(value: Value): string {
  switch (value.kind) {
    case 'choices':
      return `(${value.choices.join(' ')})`;
    case 'file':
      return '_files';
    case 'image':
    case 'source':
      return `_composefs_oci_${value.kind}`;
    case 'text':
      return ' ';
  }
}

/** Text in a specification of `_arguments` or `_describe`. */
function escaped(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
