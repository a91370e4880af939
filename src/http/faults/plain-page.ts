import type { BodyTooLarge, RouteNotFound } from './http-errors.js';

/** An answer in the form of WebOb, the library that Nova's router and body limit answer with. */
export interface PlainPage {
  readonly contentType: string;
  readonly body: string;
}

/**
 * Writes an error as WebOb does: HTML, JSON or text, by what the client accepts. Clients that send no Accept get text; the
 * answer to HEAD has no body and the type HTML. Recorded in `test/samples/nova/routes.json`.
 */
export function plainPage(error: RouteNotFound | BodyTooLarge, method: string, accept: string | undefined): PlainPage {
  const status = `${error.status} ${error.title}`;
  const format = method === 'HEAD' ? 'text/html' : choosePreferred(accept ?? '');
  if (format === 'text/html') {
    const body = `<html>\n <head>\n  <title>${status}</title>\n </head>\n <body>\n  <h1>${status}</h1>\n  ${error.message}<br /><br />\n\n\n\n </body>\n</html>`;
    return { contentType: 'text/html; charset=UTF-8', body: method === 'HEAD' ? '' : body };
  }
  if (format === 'application/json') {
    const body = { message: `${error.message}<br /><br />\n\n\n`, code: status, title: error.title };
    return { contentType: 'application/json', body: JSON.stringify(body) };
  }
  return { contentType: 'text/plain; charset=UTF-8', body: `${status}\n\n${error.message}\n\n   ` };
}

const OFFERS = ['text/html', 'application/json'] as const;

/** The offer with the highest quality; of equal ones the first offer, whatever order the client lists them in (WebOb). */
function choosePreferred(accept: string): (typeof OFFERS)[number] | undefined {
  const ranges = accept.split(',').map((each) => {
    const [range = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((part) => part.startsWith('q='));
    return { range, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
  });
  const qualityOf = (offer: string): number => {
    const specific = [offer, `${offer.split('/')[0]}/*`, '*/*'];
    const match = specific.map((each) => ranges.find(({ range }) => range === each)).find((each) => each !== undefined);
    return match?.quality ?? 0;
  };
  const [best] = OFFERS.map((offer) => ({ offer, quality: qualityOf(offer) }))
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  return best?.offer;
}
