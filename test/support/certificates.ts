// The certificate library asks for it.
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface PairOptions {
  readonly name: string;
  /** From when to when, in days from now. */
  readonly days?: readonly [number, number];
}

/** An authority that signs certificates for 127.0.0.1, and a folder for them. */
export class Certificates {
  private serial = 1;

  private constructor(
    readonly folder: string,
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly certificate: x509.X509Certificate,
  ) {}

  static async create(name = 'Test CA'): Promise<Certificates> {
    x509.cryptoProvider.set(crypto);
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + DAY_MS),
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    return new Certificates(await mkdtemp(join(tmpdir(), 'edgekeeper-tls-')), keys, certificate);
  }

  /** The authority's own certificate. */
  get ca(): string {
    return this.certificate.toString('pem');
  }

  async pair({ name, days: [from, to] = [-1, 1] }: PairOptions): Promise<Pair> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: `0${this.serial++}`,
      subject: `CN=${name}`,
      issuer: this.certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() + from * DAY_MS),
      notAfter: new Date(Date.now() + to * DAY_MS),
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'ip', value: '127.0.0.1' },
          { type: 'dns', value: 'localhost' },
        ]),
      ],
    });
    const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
    const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
    return { cert: certificate.toString('pem'), key };
  }

  /** Writes a file of the folder; gives its path. */
  async write(name: string, text: string, mode = 0o644): Promise<string> {
    const path = this.path(name);
    await writeFile(path, text, { mode });
    return path;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
