/** A product with its version (RFC 9110, section 10.1.5), up to 64 characters of letters, digits and four marks. */
const PRODUCT = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,31}(?:\/[A-Za-z0-9][A-Za-z0-9._+-]{0,30})?/;

/**
 * The first product of a User-Agent, such as `Cloud-Init/22.4.2`; null if it begins with none. A guest may send any text, so nothing
 * is kept that a terminal, a spreadsheet, a shell or a page would interpret.
 */
export const agentName = (userAgent: string | undefined): string | null => PRODUCT.exec(userAgent ?? '')?.[0] ?? null;
