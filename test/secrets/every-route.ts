import type { StartedApp } from '../support/start-app.js';

export interface Route {
  readonly method: string;
  /** With parameters in the router's notation, such as `:name`. */
  readonly path: string;
}

/** Every route of the application, read from its router, so that a new one is included. */
export function everyRoute({ app }: StartedApp): Route[] {
  const tree = app.getHttpAdapter().getInstance();
  const segments: string[] = [];
  const routes: Route[] = [];
  for (const line of tree.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, segment, , methods] = /^([│ ]*)[├└]── (.*?)( \((.*)\))?$/.exec(line) ?? [];
    if (segment === undefined) continue;
    // Four characters for each level.
    segments.splice(indent.length / 4, Infinity, segment);
    for (const method of methods?.split(', ') ?? []) routes.push({ method, path: segments.join('') });
  }
  return routes;
}

/** A URL of a route, with the parameters filled in. */
export function filled({ path }: Route, parameters: Readonly<Record<string, string>>): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => parameters[name] ?? 'x').replaceAll('*', 'x');
}
