import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { errorText } from '../../common/app-error.js';
import { SystemError, type TlsConfig } from '../../modules/system/index.js';

/** What stands in the files, as Node's TLS takes it. */
export type TlsMaterial = Pick<SecureContextOptions, 'cert' | 'key' | 'ca' | 'minVersion' | 'secureOptions'>;

const WHOLE_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * What stands in the files now, checked: certificates that can be read, and a key that is the first one's.
 * @throws {SystemError} SYSTEM.TLS_INVALID
 */
export function readTlsFiles({ certFile, keyFile, clientCaFile }: TlsConfig): TlsMaterial {
  try {
    const material: TlsMaterial = {
      cert: certificatesOf(certFile),
      key: keyOf(keyFile),
      minVersion: 'TLSv1.2',
      // A session that is resumed shows no certificate: it would outlive the one that it began with.
      secureOptions: constants.SSL_OP_NO_TICKET,
      ...(clientCaFile === undefined ? {} : { ca: certificatesOf(clientCaFile) }),
    };
    createSecureContext(material);
    return material;
  } catch (error) {
    throw new SystemError({ code: 'SYSTEM.TLS_INVALID', reason: errorText(error) }, error);
  }
}

/** Node takes a file without any, as one that is just being written, for none given: it would then trust every public CA. */
function certificatesOf(path: string): string {
  const text = readFileSync(path, 'utf8');
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw new Error(`${path} has no certificate`);
  if (text.replace(WHOLE_BLOCK, '').includes('---')) throw new Error(`${path} has a block that is not whole`);
  for (const certificate of certificates) new X509Certificate(certificate);
  return text;
}

/** An empty one is none to Node, which then has nothing to answer a handshake with. */
function keyOf(path: string): string {
  const text = readFileSync(path, 'utf8');
  createPrivateKey(text);
  return text;
}
