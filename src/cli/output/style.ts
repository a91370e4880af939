/** Whether a stream shows colours: a terminal does, unless NO_COLOR (no-color.org) is set or it is a dumb one. */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

export function bold(text: string, stream: NodeJS.WriteStream): string {
  return hasColour(stream) ? `\u001B[1m${text}\u001B[22m` : text;
}

export function red(text: string, stream: NodeJS.WriteStream): string {
  return hasColour(stream) ? `\u001B[31m${text}\u001B[39m` : text;
}
