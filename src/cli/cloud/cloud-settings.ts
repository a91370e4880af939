/** A setting of the cloud: `--os-WORD`, `OS_WORD` or a key of clouds.yaml. */
export interface CloudSetting {
  readonly description: string;
  /** The placeholder of the option's value in the help. */
  readonly value: string;
  /** Older names of the setting, accepted in variables and clouds.yaml. */
  readonly also?: readonly string[];
  /** Whether it is masked in output. */
  readonly secret?: true;
}

/** Every setting, by its name here; the word is the name with dashes, or with underscores. */
export const CLOUD_SETTINGS = {
  cloud: { value: 'NAME', description: 'cloud in clouds.yaml to take the other settings from' },
  authType: {
    value: 'TYPE',
    description:
      'password, v3totp, v3multifactor (password and code), v3applicationcredential, token, http_basic, admin_token or none (default: derived from the other settings)',
  },
  authUrl: { value: 'URL', description: 'URL of Keystone, such as https://cloud:5000/v3' },
  username: { value: 'NAME', description: 'name of the user' },
  userId: { value: 'ID', description: 'id of the user' },
  password: {
    value: 'TEXT',
    description: 'password of the user; prefer a variable, or the prompt on a terminal',
    secret: true,
  },
  passcode: {
    value: 'CODE',
    description:
      'one-time code of an authenticator, sent with the password; prefer a variable, or the prompt on a terminal',
    secret: true,
  },
  userDomainName: { value: 'NAME', description: 'domain of the user' },
  userDomainId: { value: 'ID', description: 'domain of the user' },
  projectName: { value: 'NAME', description: 'project to work in', also: ['tenant_name'] },
  projectId: { value: 'ID', description: 'project to work in', also: ['tenant_id'] },
  projectDomainName: { value: 'NAME', description: 'domain of the project' },
  projectDomainId: { value: 'ID', description: 'domain of the project' },
  defaultDomain: {
    value: 'ID',
    description: 'domain of user and project unless they have their own (default: default)',
  },
  systemScope: { value: 'all', description: 'work on the whole system instead of a project' },
  applicationCredentialId: { value: 'ID', description: 'application credential' },
  applicationCredentialName: { value: 'NAME', description: 'application credential, together with the user' },
  applicationCredentialSecret: {
    value: 'TEXT',
    description: 'secret of the application credential; prefer a variable',
    secret: true,
  },
  token: { value: 'TEXT', description: 'an existing token; prefer a variable', secret: true },
  endpoint: {
    value: 'URL',
    description: 'URL of the compute service, such as http://127.0.0.1:8774/v2.1, instead of the catalog',
    also: ['endpoint_override', 'compute_endpoint_override', 'url'],
  },
  regionName: { value: 'NAME', description: 'region of the catalog' },
  interface: {
    value: 'NAME',
    description: 'public, internal or admin endpoint of the catalog (default: public)',
    also: ['endpoint_type'],
  },
  cacert: { value: 'FILE', description: 'PEM file of the certificate authorities to trust' },
  computeApiVersion: {
    value: 'X.Y',
    description: 'microversion to use (default: the newest that client and service support)',
    also: ['compute_default_microversion'],
  },
} as const satisfies Record<string, CloudSetting>;

export type CloudSettingName = keyof typeof CLOUD_SETTINGS;

/** The settings in force. */
export type CloudSettings = { readonly [Name in CloudSettingName]?: string } & {
  /** Whether any certificate is accepted. */
  readonly insecure: boolean;
};

/** The settings with a name, in the order of the table. */
export const CLOUD_SETTING_NAMES = Object.keys(CLOUD_SETTINGS) as CloudSettingName[];

/** The values of the secret settings. */
export function secretsIn(settings: CloudSettings): string[] {
  const names = CLOUD_SETTING_NAMES.filter((name) => (CLOUD_SETTINGS[name] as CloudSetting).secret);
  return names.flatMap((name) => settings[name] ?? []);
}

/** A name as the words of clouds.yaml are written: `auth_url`. */
export function toSnakeCase(name: CloudSettingName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A name as options are written: `--os-auth-url`. */
export function optionOf(name: CloudSettingName): string {
  return `--os-${toSnakeCase(name).replaceAll('_', '-')}`;
}

/** The words that a setting may have in a variable or in clouds.yaml, the proper one first. */
export function wordsOf(name: CloudSettingName): readonly string[] {
  const setting: CloudSetting = CLOUD_SETTINGS[name];
  return [toSnakeCase(name), ...(setting.also ?? [])];
}
