import type { CommandNode, OptionNode } from './command-tree.js';

/** A script for fish: `latchkey completion fish | source`. */
export function fishCompletion(nodes: readonly CommandNode[]): string {
  const [program, ...others] = nodes;
  return `# fish completion of latchkey: latchkey completion fish | source
function __latchkey_at
    set -l path
    for word in (commandline -opc)[2..-1]
        set -l longer (string trim -- "$path $word")
        if contains -- $longer ${others.map(({ path }) => quote(path)).join(' ')}
            set path $longer
        end
    end
    test "$path" = "$argv[1]"
end
${program.options.map((option) => line("'true'", option)).join('\n')}
${nodes.map((node) => linesOf(node, node === program)).join('\n')}
`;
}

function linesOf({ path, children, options }: CommandNode, isProgram: boolean): string {
  const condition = quote(`__latchkey_at "${path}"`);
  return [
    ...children.map(
      ({ name, description }) => `complete -c latchkey -f -n ${condition} -a ${name} -d ${quote(description)}`,
    ),
    ...(isProgram ? [] : options.map((option) => line(condition, option))),
  ].join('\n');
}

function line(condition: string, { flags, description, takesValue, choices }: OptionNode): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : takesValue ? ' -r' : '';
  return `complete -c latchkey -n ${condition} ${names.join(' ')}${value} -d ${quote(description)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
