/** Where the service answers an import otherwise than the recorded Nova did, step by step, and why. */
export interface KeyDifference {
  readonly topic: 'import-ssh' | 'import-x509';
  readonly scenario: string;
  /** The policy it shows under. */
  readonly policy: 'nova' | 'strict' | 'both';
  /** Places in the scenario's list of steps, counted from 0. */
  readonly steps: readonly number[];
  readonly reason: string;
}

export const KEY_DIFFERENCES: readonly KeyDifference[] = [
  // Taken here and refused by the recorded Nova.
  {
    topic: 'import-ssh',
    scenario: 'security-keys',
    policy: 'both',
    steps: [0, 1],
    reason: 'sk-* keys are taken, as newer Novas do.',
  },
  {
    topic: 'import-ssh',
    scenario: 'security-keys-more',
    policy: 'both',
    steps: [1, 2],
    reason: 'sk-* keys are taken, as newer Novas do.',
  },
  {
    topic: 'import-ssh',
    scenario: 'no-key-texts',
    policy: 'both',
    steps: [10],
    reason: 'From 2.2 a certificate without a type is stored as x509.',
  },
  {
    topic: 'import-x509',
    scenario: 'wrong-type',
    policy: 'both',
    steps: [2],
    reason: 'From 2.2 a certificate without a type is stored as x509.',
  },

  // Malformed texts that Nova lets through.
  {
    topic: 'import-ssh',
    scenario: 'line-form',
    policy: 'both',
    steps: [10],
    reason: 'Two spaces after the type: Nova stores the fingerprint of nothing.',
  },
  {
    topic: 'import-ssh',
    scenario: 'line-form',
    policy: 'both',
    steps: [12],
    reason: 'A tab before the key: Nova drops it as junk in base64.',
  },
  {
    topic: 'import-ssh',
    scenario: 'several-lines',
    policy: 'both',
    steps: [0, 1, 3, 5],
    reason: 'A second line: guests would install it as a second key.',
  },
  {
    topic: 'import-ssh',
    scenario: 'bad-base64',
    policy: 'both',
    steps: [6, 7, 8],
    reason: 'Junk in base64: padding that is too long, a character outside the alphabet.',
  },
  {
    topic: 'import-ssh',
    scenario: 'odd-numbers',
    policy: 'both',
    steps: [10],
    reason: 'A number with needless leading zeros: one key would have several blobs and fingerprints.',
  },
  {
    topic: 'import-x509',
    scenario: 'several',
    policy: 'both',
    steps: [3, 5],
    reason: 'There is a private key beside the certificate: Nova stores and shows it.',
  },

  // Well-formed keys that the strict policy leaves out.
  {
    topic: 'import-ssh',
    scenario: 'kinds',
    policy: 'strict',
    steps: [0, 7],
    reason: 'RSA under 2048 bits; DSA.',
  },
  {
    topic: 'import-ssh',
    scenario: 'kinds-more',
    policy: 'strict',
    steps: [0, 7],
    reason: 'RSA under 2048 bits; DSA.',
  },
  {
    topic: 'import-ssh',
    scenario: 'certificates',
    policy: 'strict',
    steps: [0, 1, 2, 3],
    reason: 'OpenSSH certificates are not for authorized_keys.',
  },
  {
    topic: 'import-ssh',
    scenario: 'certificates-damaged',
    policy: 'strict',
    steps: [1],
    reason: 'OpenSSH certificates are not for authorized_keys.',
  },
  {
    topic: 'import-ssh',
    scenario: 'odd-numbers',
    policy: 'strict',
    steps: [0, 1, 2, 3, 7],
    reason: 'RSA under 2048 bits; an RSA modulus with a small factor.',
  },
  {
    topic: 'import-ssh',
    scenario: 'odd-numbers',
    policy: 'strict',
    steps: [11, 12],
    reason: 'Ed25519 keys that are no point of the curve, or one that anybody can sign for.',
  },
];
