import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Validator } from '@seriousme/openapi-schema-validator';
import { listedDocuments } from '../../src/openapi/document-list.js';
import { writtenDocuments } from '../../src/openapi/documents.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const documents = [...writtenDocuments()];

it('lists every document, each under a title of its own', () => {
  const listed = listedDocuments();
  expect(listed.map(({ name }) => name).toSorted()).toEqual(documents.map(([name]) => name).toSorted());
  expect(new Set(listed.map(({ title }) => title)).size).toBe(listed.length);
  expect(listed[0]).toEqual({ name: '2.92', title: 'Compute, from microversion 2.92' });
});

describe('every document', () => {
  it.each(documents)('%s passes the linter of Redocly', async (name, document) => {
    const problems = await lintFromString({
      source: JSON.stringify(document),
      config: await createConfig({ extends: ['recommended'] }),
    });
    const found = problems.map(({ ruleId, location }) => `${ruleId} at ${location[0]?.pointer}`);
    expect(found.toSorted()).toEqual(ONLY_SUCCESS[name] ?? []);
  });

  /** Routes that refuse no request, about which the linter warns; and Keystone's list of versions, whose only status is 300. */
  const ONLY_SUCCESS: Readonly<Record<string, readonly string[]>> = {
    identity: [
      'operation-2xx-response at #/paths/~1/get/responses',
      'operation-4xx-response at #/paths/~1/get/responses',
      'operation-4xx-response at #/paths/~1v3/get/responses',
    ],
    probes: ['healthcheck', 'livez', 'readyz'].map(
      (each) => `operation-4xx-response at #/paths/~1${each}/get/responses`,
    ),
    versions: ['', 'v2'].map((each) => `operation-4xx-response at #/paths/~1${each}/get/responses`),
  };

  it.each(documents)('%s is valid OpenAPI to another validator', async (_, document) => {
    const { valid, errors } = await new Validator().validate(
      structuredClone(document) as object as Record<string, unknown>,
    );
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it.each(documents)('%s names its operations, each once, and what they take and give', (name, document) => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item as object)) as Operation[];
    const names = operations.map(({ operationId }) => operationId).toSorted();
    expect(names).toEqual(OPERATIONS[/^(\d|v2)/.test(name) ? 'compute' : name]);
    const bodies = operations.flatMap(({ requestBody, responses }) => [requestBody, ...Object.values(responses)]);
    const schemas = bodies.flatMap((body) => Object.values(body?.content ?? {}).map(({ schema }) => schema));
    expect(schemas.filter(({ type, $ref }) => type !== 'string' && !$ref?.startsWith('#/components/schemas/'))).toEqual(
      [],
    );
  });

  interface Operation {
    readonly operationId: string;
    readonly requestBody?: Body;
    readonly responses: Record<string, Body>;
  }
  interface Body {
    readonly content?: Record<string, { schema: { type?: string; $ref?: string } }>;
  }

  // Generated clients have them in their code: they must not change.
  const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
    compute: [
      'changeQuotaSet',
      'createKeypair',
      'defaultQuotaSet',
      'deleteKeypair',
      'detailAvailabilityZones',
      'detailFlavors',
      'detailQuotaSet',
      'detailServers',
      'listAvailabilityZones',
      'listExtensions',
      'listFlavors',
      'listKeypairs',
      'listServerGroups',
      'listServers',
      'listUsage',
      'resetQuotaSet',
      'showExtension',
      'showKeypair',
      'showLimits',
      'showQuotaSet',
      'showUsage',
    ],
    'v1-keypairs': [
      'applyKeypair',
      'applyProjectKeypair',
      'changeKeypair',
      'changeProjectKeypair',
      'checkKey',
      'deleteKeypairRecord',
      'deleteProjectKeypair',
      'listKeypairRecords',
      'listKeypairVersions',
      'listProjectKeypairVersions',
      'listProjectKeypairs',
      'pruneKeypairs',
      'pruneProjectKeypairs',
      'shareKeypair',
      'showKeypairRecord',
      'showProjectKeypair',
      'takeProjectKeypair',
    ],
    guests: [
      'changeGuest',
      'createGuest',
      'createNoCloudToken',
      'deleteGuest',
      'downloadConfigDrive',
      'forgetHostKeys',
      'listGuests',
      'listKnownHosts',
      'revokeNoCloudToken',
      'showGuest',
      'showGuestPassword',
    ],
    'ssh-certificates': [
      'downloadKrl',
      'downloadSshCaKeys',
      'issueSshCertificate',
      'listSshCertificates',
      'revokeSshCertificate',
      'showSshCa',
    ],
    events: ['listEvents'],
    webhooks: [
      'changeWebhook',
      'createWebhook',
      'deleteWebhook',
      'listWebhookDeliveries',
      'listWebhooks',
      'retryWebhookDelivery',
      'rotateWebhookSecret',
      'showWebhook',
      'testWebhook',
    ],
    identity: [
      'assignRoleInDomain',
      'assignRoleInProject',
      'assignRoleOnSystem',
      'changePassword',
      'changeProject',
      'changeUser',
      'checkRoleInDomain',
      'checkRoleInProject',
      'checkRoleOnSystem',
      'checkToken',
      'createApplicationCredential',
      'createProject',
      'createUser',
      'deleteApplicationCredential',
      'deleteProject',
      'deleteUser',
      'findRoleInDomain',
      'findRoleInProject',
      'findRoleOnSystem',
      'listApplicationCredentials',
      'listCredentials',
      'listDomains',
      'listEndpoints',
      'listGroups',
      'listGroupsOfUser',
      'listIdentityVersions',
      'listLimits',
      'listOwnDomains',
      'listOwnProjects',
      'listProjects',
      'listProjectsOfUser',
      'listRegions',
      'listRegisteredLimits',
      'listRoleAssignments',
      'listRoleInferences',
      'listRoles',
      'listRolesInDomain',
      'listRolesInProject',
      'listRolesOnSystem',
      'listServices',
      'listUsers',
      'logIn',
      'revokeToken',
      'showApplicationCredential',
      'showCatalog',
      'showDomain',
      'showEndpoint',
      'showIdentityVersion',
      'showOwnSystem',
      'showProject',
      'showRegion',
      'showRole',
      'showService',
      'showToken',
      'showUser',
      'unassignRoleInDomain',
      'unassignRoleInProject',
      'unassignRoleOnSystem',
    ],
    versions: ['listVersions', 'showCurrentVersion', 'showLegacyVersion'],
    probes: ['showHealth', 'showLiveness', 'showReadiness'],
  };
});

describe('a client that requests a document', () => {
  let service: StartedApp;

  beforeAll(async () => {
    service = await startApp({ MAX_MICROVERSION: '2.93' });
  });

  afterAll(async () => service?.stop());

  it.each([
    ['/openapi.json?microversion=2.1', '2.1'],
    ['/openapi.json?microversion=2.9', '2.2'],
    ['/openapi.json?microversion=2.92', '2.92'],
    ['/openapi.json?microversion=latest', '2.92'],
    ['/openapi.json', '2.92'],
    ['/openapi/latest.json', '2.92'],
    ['/openapi/2.35.json', '2.35'],
    ['/openapi/v2.json', '2.0'],
  ])('%s gets that of %s, with the address it requested', async (target, version) => {
    const reply = await service.client.get(target);
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json');
    const api = version === '2.0' ? 'v2' : 'v2.1';
    expect(reply.body).toMatchObject({
      openapi: '3.0.3',
      info: { version },
      servers: [{ url: `http://${service.client.host}/${api}` }],
    });
  });

  it.each([
    ['/openapi.json?microversion=2.94', 406],
    ['/openapi.json?microversion=abc', 400],
    ['/openapi/2.3.json', 404],
    ['/openapi/..%2Fmicroversions', 404],
  ])('%s gets %i', async (target, status) => {
    expect((await service.client.get(target)).status).toBe(status);
  });

  it('sees that public_key is required and private_key gone from 2.92 on', () => {
    const before = Object.fromEntries(documents)['2.75'].components!.schemas as Record<string, object>;
    const after = Object.fromEntries(documents)['2.92'].components!.schemas as Record<string, object>;
    expect(before.NewKeypairForUser).toMatchObject({ required: ['name'] });
    expect(after.ImportedKeypair).toMatchObject({ required: ['name', 'public_key'], additionalProperties: false });
    expect(JSON.stringify(after)).not.toContain('private_key');
    expect(JSON.stringify(before)).toContain('private_key');
  });
});
