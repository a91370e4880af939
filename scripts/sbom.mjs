// Prints a CycloneDX bill of materials of what the service runs with: npm's for the whole lock file, without what is only
// for development. npm's own "--omit dev" also omits what both the service and a development tool depend on.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const OPTIONS = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
const bill = JSON.parse(execFileSync('npm', OPTIONS, { encoding: 'utf8', maxBuffer: 1e9 }));
const { name, packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));

/** `name@version`, as npm refers to packages; each is listed once, wherever and however often it is installed. */
const runs = new Set(
  Object.entries(packages)
    .filter(([, { dev, link }]) => !dev && !link)
    .map(([path, { version }]) => `${path === '' ? name : path.replace(/^.*node_modules\//, '')}@${version}`),
);
const isAmongThem = (ref) => runs.has(ref);

/** npm marks packages in this way that are installed twice, once for development. */
const isMark = ({ name: property }) => property === 'cdx:npm:package:development';

// npm names the root after the directory that it is in.
bill.metadata.component.name = name;
bill.components = bill.components
  .filter((each) => isAmongThem(each['bom-ref']))
  .map((each) => ({ ...each, properties: each.properties.filter((property) => !isMark(property)) }));
bill.dependencies = bill.dependencies
  .filter(({ ref }) => isAmongThem(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isAmongThem) }));
// Some run only for other packages, and are otherwise for development.
const own = bill.dependencies.find(({ ref }) => ref === bill.metadata.component['bom-ref']);
own.dependsOn = own.dependsOn.filter((ref) => packages[''].dependencies[ref.replace(/@[^@]*$/, '')] !== undefined);
console.log(JSON.stringify(bill, null, 2));
