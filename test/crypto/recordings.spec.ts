import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { InvalidKey } from '../../src/crypto/invalid-key.js';
import type { KeyPolicy } from '../../src/crypto/key-type.js';
import { Keys } from '../../src/crypto/keys.js';
import { KeypairType } from '../../src/domain/keypair-type.js';
import { KEY_DIFFERENCES } from '../samples/key-differences.js';

interface Step {
  readonly request: {
    readonly method: string;
    readonly headers?: Record<string, string | string[]>;
    readonly body?: { readonly keypair?: { readonly public_key?: unknown; readonly type?: KeypairType } };
  };
  readonly response: {
    readonly status: number;
    readonly body?: { readonly keypair?: { readonly fingerprint: string } };
  };
}

interface Topic {
  readonly scenarios: readonly { readonly name: string; readonly steps: readonly Step[] }[];
}

interface Import {
  readonly place: string;
  readonly text: string;
  readonly type?: KeypairType;
  /** The fingerprint in Nova's answer, or that it refused the key. */
  readonly answer: string;
}

const REFUSED = 'refused';

describe.each<KeyPolicy>(['nova', 'strict'])('with KEY_POLICY=%s', (policy) => {
  const keys = new Keys({ ...readConfig({}), keyPolicy: policy });

  it.each(['import-ssh', 'import-x509'] as const)(
    '%s is answered as Nova did, save the listed differences',
    (topic) => {
      const different = importsOf(topic)
        .filter(({ text, type, answer }) => inspect(keys, text, type) !== answer)
        .map(({ place }) => place);

      // Equality, not containment: a listed difference that no longer exists fails as well.
      expect(different.toSorted()).toEqual(listed(topic, policy).toSorted());
    },
  );
});

function inspect(keys: Keys, text: string, type?: KeypairType): string {
  try {
    return keys.inspect(text, type).fingerprint;
  } catch (error) {
    return error instanceof InvalidKey ? REFUSED : String(error);
  }
}

function listed(topic: string, policy: KeyPolicy): string[] {
  return KEY_DIFFERENCES.filter((each) => each.topic === topic && ['both', policy].includes(each.policy)).flatMap(
    (each) => each.steps.map((step) => `${each.scenario} ${step}`),
  );
}

function importsOf(topic: string): Import[] {
  const { scenarios }: Topic = JSON.parse(readFileSync(`test/samples/nova/${topic}.json`, 'utf8'));
  const imports = scenarios.flatMap(({ name, steps }) =>
    steps.flatMap((step, index) => importOf(step, `${name} ${index}`) ?? []),
  );
  expect(imports.length).toBeGreaterThan(50);
  return imports;
}

/** The import of a step; undefined if it is something else, or refused for its shape before the key is read. */
function importOf({ request, response }: Step, place: string): Import | undefined {
  const keypair = request.body?.keypair;
  if (request.method !== 'POST' || typeof keypair?.public_key !== 'string') return undefined;
  const isTyped = !versionOf(request.headers).endsWith('2.1');
  if (!isTyped && keypair.type !== undefined) return undefined;
  return {
    place,
    text: keypair.public_key,
    type: isTyped ? keypair.type : KeypairType.Ssh,
    answer: response.status < 300 ? (response.body?.keypair?.fingerprint ?? '') : REFUSED,
  };
}

function versionOf(headers: Record<string, string | string[]> = {}): string {
  const [, version] = Object.entries(headers).find(([name]) => name.toLowerCase().endsWith('api-version')) ?? [];
  return String(version ?? '2.1');
}
