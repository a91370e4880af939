import type { CommandNode, OptionNode } from './command-tree.js';

/** A script for bash: `source <(latchkey completion bash)`. */
export function bashCompletion(nodes: readonly CommandNode[]): string {
  const [program] = nodes;
  const cases = nodes.map(
    ({ path, children, options }) =>
      `    '${path}') words='${children.map(({ name }) => name).join(' ')}' flags='${flagsOf(options).join(' ')}' ;;`,
  );
  const values = uniqueChoices(nodes).map(
    ([flags, choices]) =>
      `    ${flags.join('|')}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return ;;`,
  );
  return `# bash completion of latchkey: source <(latchkey completion bash)
_latchkey() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' flags='' at each
  for ((at = 1; at < COMP_CWORD; at++)); do
    each=\${COMP_WORDS[at]}
    case " ${nodes.map(({ path }) => path.replaceAll(' ', '/')).join(' ')} " in
      *" \${path:+$path/}$each "*) path=\${path:+$path/}$each ;;
    esac
  done
  case "$before" in
${values.join('\n')}
    ${valueFlags(nodes).join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case "\${path//\\// }" in
${cases.join('\n')}
  esac
  if [[ $word == -* ]]; then words="$flags ${flagsOf(program.options).join(' ')}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ \${#COMPREPLY[@]} == 0 ]]; then COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _latchkey latchkey
`;
}

function flagsOf(options: readonly OptionNode[]): string[] {
  return options.flatMap(({ flags }) => flags);
}

/** Options with choices. The same word has the same choices wherever it stands. */
function uniqueChoices(nodes: readonly CommandNode[]): [readonly string[], readonly string[]][] {
  const found = new Map<string, [readonly string[], readonly string[]]>();
  for (const { flags, choices } of nodes.flatMap(({ options }) => options)) {
    if (choices.length > 0) found.set(flags[0], [flags, choices]);
  }
  return [...found.values()];
}

function valueFlags(nodes: readonly CommandNode[]): string[] {
  const options = nodes.flatMap(({ options: own }) => own);
  const taking = options.filter(({ takesValue, choices }) => takesValue && choices.length === 0);
  return [...new Set(taking.flatMap(({ flags }) => flags))];
}
