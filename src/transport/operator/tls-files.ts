import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { errorText } from '../../common/app-error.js';
import { SystemError, type TlsConfig } from '../../modules/system/index.js';

/** What stands in the files, as Node's TLS takes it. */
export type TlsMaterial = Pick<SecureContextOptions, 'cert' | 'key' | 'ca' | 'minVersion'>;

/**
 * The pair as it stands in the files now, checked: the key is the certificate's.
 * @throws {SystemError} SYSTEM.TLS_INVALID
 */
export function readTlsFiles({ certFile, keyFile, clientCaFile }: TlsConfig): TlsMaterial {
  try {
    const material: TlsMaterial = {
      cert: readFileSync(certFile, 'utf8'),
      key: readFileSync(keyFile, 'utf8'),
      minVersion: 'TLSv1.2',
      ...(clientCaFile === undefined ? {} : { ca: readFileSync(clientCaFile, 'utf8') }),
    };
    createSecureContext(material);
    return material;
  } catch (error) {
    throw new SystemError({ code: 'SYSTEM.TLS_INVALID', reason: errorText(error) }, error);
  }
}
