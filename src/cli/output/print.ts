/** Writes to standard output and waits until it was taken, so that a reader who has gone is noticed. */
export function print(content: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(content, (error) => (error ? reject(error) : resolve()));
  });
}

/** Tells people something on standard error, a line. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
