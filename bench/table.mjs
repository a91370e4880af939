// Numbers as people read them.

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Three significant digits. */
export function show(number) {
  if (number === undefined || Number.isNaN(number)) return '-';
  return number >= 100 ? String(Math.round(number)) : number.toPrecision(number >= 1 ? 3 : 2);
}

/** A Markdown table: a line for each case, and the medians of both sides. */
export function table(rows, [ours, theirs]) {
  const titles = ['case', `${ours}/s`, `${theirs}/s`, 'ratio', 'target', 'p50 ms', 'p99 ms', 'p99.9 ms'];
  titles.push(`p99 of ${theirs}`, 'CPU s per 1000', `that of ${theirs}`, 'refused');
  const lines = rows.map(({ name, ratio, target, service, floor }) => [
    name,
    show(service.rate),
    show(floor.rate),
    show(ratio),
    target === undefined ? '' : `${target}`,
    show(service.p50),
    show(service.p99),
    show(service.p999),
    show(floor.p99),
    show(service.cpuPerThousand),
    show(floor.cpuPerThousand),
    `${service.failed + floor.failed}`,
  ]);
  return [titles, titles.map((_, at) => (at === 0 ? '---' : '--:')), ...lines]
    .map((each) => `| ${each.join(' | ')} |`)
    .join('\n');
}
