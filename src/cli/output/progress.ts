const DELAY_MS = 1_000;
const INTERVAL_MS = 120;
const FRAMES = ['|', '/', '-', '\\'];

/**
 * Waits for some work and shows its progress on a terminal, from the delay on. `update` replaces the text, such as with a count.
 */
export async function withProgress<T>(
  title: string,
  work: (update: (text: string) => void) => Promise<T>,
  quiet = false,
): Promise<T> {
  const { stderr } = process;
  let news = title;
  if (quiet || !stderr.isTTY) return work((text) => (news = text));
  const start = Date.now();
  let frame = 0;
  let shown = false;
  const timer = setInterval(() => {
    const seconds = Math.floor((Date.now() - start) / 1000);
    if (Date.now() - start < DELAY_MS) return;
    shown = true;
    frame = (frame + 1) % FRAMES.length;
    stderr.write(`\r\u001B[K${FRAMES[frame]} ${news} (${seconds} s)`);
  }, INTERVAL_MS);
  try {
    return await work((text) => (news = text));
  } finally {
    clearInterval(timer);
    if (shown) stderr.write('\r\u001B[K');
  }
}
