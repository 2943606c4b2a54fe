/**
 * Completion for fish.
 * @module
 */

import { allCommands, type CommandEntry, type Value } from './command-table.ts';

/** The script that completes the command `program`. */
export function fishCompletion(program: CommandEntry): string {
  const lines = allCommands(program).flatMap(command => {
    const condition = ['__composefs_oci_in', ...command.words].join(' ');
    return [
      ...command.subcommands.map(
        ({ words, description }) => `${condition}' -a ${words.at(-1)} -d ${quoted(description)}`,
      ),
      // Arguments: what any of them can be.
      ...new Set(
        command.arguments.flatMap(({ value }) => values(value)).map(text => `${condition}' ${text}`),
      ),
      ...command.options.map(({ flags, description, value }) =>
        [
          `${condition}'`,
          ...flags.map(flag => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)),
          ...(value === undefined ? [] : [value.kind === 'file' ? '-r' : '-x', ...values(value)]),
          `-d ${quoted(description)}`,
        ].join(' '),
      ),
    ];
  });
  return `# Completion of composefs-oci for fish, printed by: composefs-oci completion fish

# Whether the command line has the command of the arguments, and no subcommand of it.
function __composefs_oci_in
    set -l words (commandline -opc)[2..-1]
    test -z "$argv"; or string match -q -- "$argv *" "$words "; or return 1
    switch "$argv"
${groups(program)}
    end
end

# Images: a transport, then a path.
function __composefs_oci_images
    set -l word (commandline -ct | string replace -r -- '^--[^=]*=' '')
    set -l transport (string match -r -- '^(?:oci|oci-archive|docker-archive):' $word)
    if test -z "$transport"
        printf '%s\\n' oci: oci-archive: docker-archive:
    else
        __fish_complete_path (string replace -- $transport '' $word) | string replace -r -- '^' $transport
    end
end

complete -c composefs-oci -f
${lines.map(line => `complete -c composefs-oci -n '${line}`).join('\n')}
`;
}

/** A group of commands is completed with its options only before one of its subcommands. */
function groups(program: CommandEntry): string {
  return allCommands(program)
    .filter(({ subcommands }) => subcommands.length > 0)
    .map(
      ({ words }) => `        case '${words.join(' ')}'\n            test (count $words) -eq ${words.length}`,
    )
    .join('\n');
}

function values(value: Value): string[] {
  switch (value.kind) {
    case 'choices':
      return [`-a '${value.choices.join(' ')}'`];
    case 'file':
      return ['-F'];
    case 'image':
      return [`-a '(__composefs_oci_images)'`];
    case 'source':
      return [`-F -a '(__composefs_oci_images)'`];
    case 'text':
      return [];
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
