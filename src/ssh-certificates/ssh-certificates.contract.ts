import { MediaForm } from '../http/shapes/response-form.js';
import { CertificatesQuery, newCertificate } from './ssh-certificates.dto.js';
import { ListedCertificate, NextCertificates, SignedCertificate, UserAuthority } from './ssh-certificates.response.js';

/** The shapes and responses of the API of SSH certificates, which has no microversions. */
export const sshCertificatesApi = {
  issueBody: newCertificate,
  listQuery: CertificatesQuery,
  issueReply: { certificate: SignedCertificate },
  listReply: { certificates: [ListedCertificate] as const, 'certificates_links?': [NextCertificates] as const },
  authorityReply: { user: UserAuthority },
  publicKeysReply: new MediaForm({ 'text/plain': 'text' }),
  krlReply: new MediaForm({ 'application/octet-stream': 'bytes' }),
};
