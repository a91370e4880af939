const WIDTH = 24;

/** A bar with a percentage: `[######                  ]  25 %`; nothing where the total is not known. */
export function progressBar(done: number, total: number | undefined): string {
  if (total === undefined) return '';
  const part = total === 0 ? 1 : Math.min(1, done / total);
  return `[${'#'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH)}] ${String(Math.floor(part * 100)).padStart(3)} %`;
}
