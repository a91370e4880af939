// Requests as bytes.

/** The bytes of a request as the mutations left it. */
export function bytesOf(random, request) {
  const {
    method,
    headers,
    version = 'HTTP/1.1',
    lineEnd = '\r\n',
    isRaw = false,
    isChunked = false,
    flips = 0,
  } = request;
  const target = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const head = [
    `${method} ${isRaw ? target : escaped(target)} ${version}`.trimEnd(),
    ...headers.map((each) => each.join(': ')),
  ];
  const body = bodyOf(request);
  if (isChunked) head.push('Transfer-Encoding: chunked');
  if (request.length !== undefined) head.push(`Content-Length: ${request.length}`);
  else if (!isChunked && body !== undefined) head.push(`Content-Length: ${body.length}`);
  const content =
    body === undefined ? Buffer.alloc(0) : isChunked ? chunked(random, body, request.isBadlyChunked) : body;
  const bytes = Buffer.concat([Buffer.from(`${head.join(lineEnd)}${lineEnd}${lineEnd}`, 'latin1'), content]);
  for (let i = 0; i < flips; i += 1) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

/** What a target may not contain is percent-encoded, so that HTTP's parser accepts it. */
function escaped(target) {
  return target.replaceAll(/[^!-~]/g, (raw) => `%${(raw.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`);
}

function bodyOf({ body, cut }) {
  if (body === undefined) return undefined;
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return cut === undefined ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length));
}

function chunked(random, bytes, isBad = false) {
  const parts = [];
  for (let at = 0; at < bytes.length;) {
    const size = Math.min(1 + random.below(5000), bytes.length - at);
    const hex = size.toString(16);
    const sizeField =
      isBad && random.below(3) === 0 ? random.pick(['-1', 'zz', 'f'.repeat(16), '', ` ${hex}`, `0x${hex}`]) : hex;
    const extension = random.below(10) === 0 ? ';ext="a;b"' : '';
    parts.push(
      Buffer.from(`${sizeField}${extension}\r\n`, 'latin1'),
      bytes.subarray(at, at + size),
      Buffer.from('\r\n'),
    );
    at += size;
  }
  const ends = ['0\r\nX: y\r\n\r\n', '0\r\nContent-Length: 5\r\n\r\n', '0\r\n', '\r\n', ''];
  parts.push(Buffer.from(isBad ? random.pick(ends) : '0\r\n\r\n'));
  return Buffer.concat(parts);
}
