import type { CommandNode, OptionNode } from './command-tree.js';

/** A script for zsh: `source <(latchkey completion zsh)`. */
export function zshCompletion(nodes: readonly CommandNode[]): string {
  const [program] = nodes;
  return `#compdef latchkey
# zsh completion of latchkey: source <(latchkey completion zsh)
_latchkey() {
  local path_='' at each
  local -a children options
  for ((at = 2; at < CURRENT; at++)); do
    each=\${words[at]}
    case "\${path_:+$path_ }$each" in
      ${nodes
        .slice(1)
        .map(({ path }) => `'${path}'`)
        .join('|')}) path_="\${path_:+$path_ }$each" ;;
    esac
  done
  options=(
${specs(program.options)}
  )
  case "$path_" in
${nodes.map((node) => caseOf(node, node === program)).join('\n')}
  esac
  if [[ \${#children} -gt 0 && \${words[CURRENT]} != -* ]]; then
    _describe 'command' children
  else
    _arguments -s -S : $options '*: :_files'
  fi
}
compdef _latchkey latchkey
`;
}

function caseOf({ path, children, options }: CommandNode, isProgram: boolean): string {
  const lines = children.map(
    ({ name, description }) => `        ${quote(`${name}:${description.replaceAll(':', '\\:')}`)}`,
  );
  return `    '${path}')
      children=(
${lines.join('\n')}
      )
      options+=(
${isProgram ? '' : specs(options)}
      ) ;;`;
}

function specs(options: readonly OptionNode[]): string {
  return options.flatMap((option) => option.flags.map((flag) => `    ${quote(spec(flag, option))}`)).join('\n');
}

/** `--type[what it is]:value:(ssh x509)`, as _arguments reads it. */
function spec(flag: string, { description, takesValue, choices }: OptionNode): string {
  const text = description.replaceAll(/[[\]:\\]/g, '\\$&');
  const value = choices.length > 0 ? `:value:(${choices.join(' ')})` : takesValue ? ':value:_files' : '';
  return `*${flag}[${text}]${value}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
