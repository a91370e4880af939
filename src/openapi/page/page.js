// The script of /docs: shows the document that is chosen with Swagger UI, and logs in. Tokens live in this page's memory only.

/** The address of the service as the reader reached it, which a proxy may have put under a path of its own. */
const here = new URL('.', location.href).href.replace(/\/$/, '');
const element = (id) => document.getElementById(id);
const picker = element('document');

let settings;
/** The Swagger UI on the page. */
let ui;
/** The token that the form was given; the one that a reader pastes is known to Swagger UI alone. */
let issued;

await tell(async () => {
  settings = await fetched('docs/settings.json');
  for (const { name, title } of settings.documents) picker.add(new Option(title, name));
  const requested = new URLSearchParams(location.search).get('document');
  if (settings.documents.some(({ name }) => name === requested)) picker.value = requested;
  for (const each of document.querySelectorAll(`[data-auth-mode=${settings.authMode}]`)) each.hidden = false;
  await show(picker.value);
});

picker.addEventListener('change', () => {
  history.replaceState(null, '', `?document=${picker.value}`);
  void tell(() => show(picker.value));
});

element('log-in').addEventListener('submit', (event) => {
  event.preventDefault();
  void tell(() => logIn(Object.fromEntries(new FormData(event.target))));
});

element('log-out').addEventListener('click', () => ui.authActions.logout(['token']));

/** Shows a document. Each has a Swagger UI of its own, since one would carry values typed for one document to the next. */
async function show(name) {
  const shown = fitting(await fetched(`openapi/${name}.json`));
  // Meanwhile another may have been chosen.
  if (picker.value !== name) return;
  const held = ui === undefined ? {} : ui.authSelectors.authorized().toJS();
  const root = document.createElement('div');
  element('documentation').replaceChildren(root);
  element('source').href = `openapi/${name}.json`;
  ui = SwaggerUIBundle({
    domNode: root,
    spec: shown,
    defaultModelExpandDepth: 3,
    defaultModelsExpandDepth: 0,
    // The badge of a validator elsewhere.
    validatorUrl: null,
    // Without it a browser answers a refused password with a window of its own.
    requestInterceptor: (request) => Object.assign(request, { credentials: 'omit' }),
    plugins: [{ statePlugins: { auth: { wrapActions: { logout } } }, wrapComponents: { Input } }],
    onComplete: () => ui.authActions.authorize(held),
  });
}

/** The document as it holds here: requests go to where the page came from, and callers are known in one way only. */
function fitting(written) {
  const other = settings.authMode === 'http_basic' ? 'token' : 'basic';
  delete written.components.securitySchemes?.[other];
  return {
    ...written,
    servers: written.servers.map((server) => ({ ...server, url: server.url.replace(settings.base, here) })),
    security: written.security?.filter((requirement) => !(other in requirement)),
    paths: withOwnKeypair(written.paths),
  };
}

/** The examples name a user, which only administrators may. Who tries one out is to get a keypair of their own. */
function withOwnKeypair(paths) {
  const body = paths['/os-keypairs']?.post.requestBody;
  delete body?.content['application/json'].example?.keypair.user_id;
  return paths;
}

/** Asks the built-in identity for a token, and has Swagger UI send it from then on. */
async function logIn({ user, password, project }) {
  const domain = { id: 'default' };
  const answer = await fetch('identity/v3/auth/tokens?nocatalog', {
    method: 'POST',
    credentials: 'omit',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: user, domain, password } } },
        scope: { project: { name: project, domain } },
      },
    }),
  });
  const { token, error } = await answer.json();
  if (!answer.ok) throw new Error(error.message);
  issued = answer.headers.get('X-Subject-Token');
  ui.preauthorizeApiKey('token', issued);
  const until = new Date(token.expires_at).toLocaleTimeString([], { timeStyle: 'short' });
  element('log-in').reset();
  loggedIn(`Logged in as ${token.user.name}, project ${token.project.name}, until ${until}.`);
}

/** Replaces what Swagger UI does when a reader logs out, here or in its own window: the service forgets the token too. */
function logout(original) {
  return (schemes) => {
    original(schemes);
    if (issued !== undefined) void tell(revoke);
  };
}

/** Replaces the inputs of Swagger UI: browsers write what is typed into others to disk, to offer it again. */
function Input(Original, { React }) {
  return (props) => React.createElement(Original, { autoComplete: 'off', ...props });
}

async function revoke() {
  const headers = { 'X-Auth-Token': issued, 'X-Subject-Token': issued };
  issued = undefined;
  loggedIn(undefined);
  await fetch('identity/v3/auth/tokens', { method: 'DELETE', credentials: 'omit', headers });
}

function loggedIn(message) {
  element('logged-in').hidden = message === undefined;
  element('log-in').hidden = message !== undefined;
  element('logged-in').querySelector('[role=status]').textContent = message ?? '';
}

/** Does something, and tells the reader where it fails. */
async function tell(work) {
  const problem = element('problem');
  problem.hidden = true;
  try {
    await work();
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

async function fetched(target) {
  const answer = await fetch(target, { credentials: 'omit' });
  if (!answer.ok) throw new Error(`${target} is answered ${answer.status}.`);
  return answer.json();
}
