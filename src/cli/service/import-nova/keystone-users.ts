import { CliError, UsageError } from '../../cli-error.js';
import type { Http } from '../../cloud/http.js';
import { refusal } from '../../cloud/refusal.js';
import type { Access } from '../../cloud/access.js';
import { withRetries } from './patiently.js';

interface Item {
  readonly id: string;
}

interface Page {
  readonly users?: readonly Item[];
  readonly domains?: readonly Item[];
  readonly links?: { readonly next?: string | null };
  readonly truncated?: boolean;
}

/** The ids of all users, in all domains. Throws CliError if Keystone does not return them all. */
export async function keystoneUsers({ keystone, headers }: Access, http: Http): Promise<string[]> {
  if (keystone === undefined) {
    throw new UsageError('Without Keystone the users are not known; name each user with --user, or use --dump.');
  }
  const all = (path: string): Promise<Page[]> => pages(new URL(`${keystone}${path}`), headers, http);
  const domains = (await all('/domains')).flatMap((page) => page.domains ?? []);
  const ids = new Set<string>();
  // If domains have backends of their own, such as LDAP, Keystone requires a request for each domain.
  for (const { id } of domains) {
    const users = (await all(`/users?domain_id=${encodeURIComponent(id)}`)).flatMap((page) => page.users ?? []);
    for (const user of users) ids.add(user.id);
  }
  return [...ids];
}

async function pages(start: URL, headers: Access['headers'], http: Http): Promise<Page[]> {
  const found: Page[] = [];
  for (let url: URL | undefined = start; url !== undefined;) {
    const page = await pageAt(url, headers, http);
    found.push(page);
    const next = page.links?.next;
    // Links may name a host that is not known here; what they add is the query.
    url = next ? new URL(new URL(next, start).search, start) : undefined;
  }
  if (found.at(-1)?.truncated) {
    throw new CliError(
      'Keystone lists only a part of its users (list_limit in keystone.conf); raise that, or use --dump.',
    );
  }
  return found;
}

function pageAt(url: URL, headers: Access['headers'], http: Http): Promise<Page> {
  return withRetries(async () => {
    const answer = await http.send({ method: 'GET', url, headers });
    if (answer.status !== 200) throw refusal(answer, `Asking ${url.origin}${url.pathname}`);
    return answer.json as Page;
  });
}
