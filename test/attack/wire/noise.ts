import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { bytesField } from './encoding.js';
import type { Identity } from './identity.js';
import type { Inbox } from './inbox.js';

const NAME = Buffer.from('Noise_XX_25519_ChaChaPoly_SHA256');
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** Most plaintext in one message. */
const MAX_PLAINTEXT_BYTES = 65_535 - TAG_BYTES;

/** One direction's key, with its counter. */
class Cipher {
  #counter = 0n;

  constructor(readonly key: Buffer) {}

  #nonce(): Buffer {
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64LE(this.#counter++, 4);
    return nonce;
  }

  seal(plaintext: Uint8Array, associated: Uint8Array = Buffer.alloc(0)): Buffer {
    const cipher = createCipheriv('chacha20-poly1305', this.key, this.#nonce(), { authTagLength: TAG_BYTES });
    cipher.setAAD(associated, { plaintextLength: plaintext.length });
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  open(sealed: Buffer, associated: Uint8Array = Buffer.alloc(0)): Buffer {
    const length = sealed.length - TAG_BYTES;
    const cipher = createDecipheriv('chacha20-poly1305', this.key, this.#nonce(), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(associated, { plaintextLength: length });
    cipher.setAuthTag(sealed.subarray(length));
    return Buffer.concat([cipher.update(sealed.subarray(0, length)), cipher.final()]);
  }
}

/** The state that both sides of the handshake keep alike. */
class Transcript {
  #hash: Buffer = NAME;
  #chainingKey: Buffer = NAME;
  #cipher: Cipher | undefined;

  constructor() {
    this.#mix(Buffer.alloc(0));
  }

  #mix(bytes: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(bytes).digest();
  }

  mixKey(secret: Buffer): void {
    const [chainingKey, key] = this.#derive(secret);
    this.#chainingKey = chainingKey;
    this.#cipher = new Cipher(key);
  }

  seal(plaintext: Uint8Array): Buffer {
    const sealed = this.#cipher ? this.#cipher.seal(plaintext, this.#hash) : Buffer.from(plaintext);
    this.#mix(sealed);
    return sealed;
  }

  open(sealed: Buffer): Buffer {
    const plaintext = this.#cipher ? this.#cipher.open(sealed, this.#hash) : sealed;
    this.#mix(sealed);
    return plaintext;
  }

  /** In the clear, but part of the transcript. */
  share(bytes: Buffer): Buffer {
    this.#mix(bytes);
    return bytes;
  }

  /** The keys from initiator to responder and back. */
  split(): [Cipher, Cipher] {
    const [there, back] = this.#derive(Buffer.alloc(0));
    return [new Cipher(there), new Cipher(back)];
  }

  #derive(secret: Buffer): [Buffer, Buffer] {
    const keys = Buffer.from(hkdfSync('sha256', secret, this.#chainingKey, '', 2 * KEY_BYTES));
    return [keys.subarray(0, KEY_BYTES), keys.subarray(KEY_BYTES)];
  }
}

/** What turns bytes into Noise messages and back, once the handshake is done. */
export interface NoiseChannel {
  /** One message per 65,519 bytes. */
  seal(plaintext: Buffer): Buffer;
  /** Complete messages in the flow so far, opened. */
  open(bytes: Buffer): Buffer[];
}

export interface NoiseSide {
  readonly inbox: Inbox;
  readonly identity: Identity;
  write(bytes: Buffer): void;
}

/** Noise XX as libp2p has it, written down here because an attacker sends what no library would. */
export async function noiseHandshake(side: NoiseSide, isInitiator: boolean): Promise<NoiseChannel> {
  const transcript = new Transcript();
  const ephemeral = x25519();
  const own = x25519();
  const send = (bytes: Buffer) => side.write(framed(bytes));
  const receive = async () => side.inbox.read((await side.inbox.read(2)).readUInt16BE());
  const identify = () => transcript.seal(handshakePayload(side.identity, own.raw));
  let theirEphemeral: Buffer;
  let theirs: Buffer;
  if (isInitiator) {
    send(Buffer.concat([transcript.share(ephemeral.raw), transcript.seal(Buffer.alloc(0))]));
    const reply = await receive();
    theirEphemeral = transcript.share(reply.subarray(0, KEY_BYTES));
    transcript.mixKey(ephemeral.secretWith(theirEphemeral));
    const sealedKeyEnd = 2 * KEY_BYTES + TAG_BYTES;
    theirs = transcript.open(reply.subarray(KEY_BYTES, sealedKeyEnd));
    transcript.mixKey(ephemeral.secretWith(theirs));
    transcript.open(reply.subarray(sealedKeyEnd));
    const sealedKey = transcript.seal(own.raw);
    transcript.mixKey(own.secretWith(theirEphemeral));
    send(Buffer.concat([sealedKey, identify()]));
  } else {
    theirEphemeral = transcript.share(await receive());
    transcript.open(Buffer.alloc(0));
    transcript.share(ephemeral.raw);
    transcript.mixKey(ephemeral.secretWith(theirEphemeral));
    const sealedKey = transcript.seal(own.raw);
    transcript.mixKey(own.secretWith(theirEphemeral));
    send(Buffer.concat([ephemeral.raw, sealedKey, identify()]));
    const last = await receive();
    theirs = transcript.open(last.subarray(0, KEY_BYTES + TAG_BYTES));
    transcript.mixKey(ephemeral.secretWith(theirs));
    transcript.open(last.subarray(KEY_BYTES + TAG_BYTES));
  }
  const [there, back] = transcript.split();
  return channel(isInitiator ? there : back, isInitiator ? back : there);
}

function channel(outbound: Cipher, inbound: Cipher): NoiseChannel {
  let rest: Buffer = Buffer.alloc(0);
  return {
    seal: (plaintext) => {
      const messages: Buffer[] = [];
      for (let at = 0; at < plaintext.length; at += MAX_PLAINTEXT_BYTES)
        messages.push(framed(outbound.seal(plaintext.subarray(at, at + MAX_PLAINTEXT_BYTES))));
      return Buffer.concat(messages);
    },
    open: (bytes) => {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const opened: Buffer[] = [];
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE()) {
        const end = 2 + rest.readUInt16BE();
        opened.push(inbound.open(rest.subarray(2, end)));
        rest = rest.subarray(end);
      }
      return opened;
    },
  };
}

function handshakePayload({ publicKey, sign }: Identity, staticKey: Buffer): Buffer {
  const signature = sign(Buffer.concat([Buffer.from('noise-libp2p-static-key:'), staticKey]));
  return Buffer.concat([bytesField(1, publicKey), bytesField(2, signature)]);
}

function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function x25519(): { raw: Buffer; secretWith(raw: Buffer): Buffer } {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    raw: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
    secretWith: (raw) => diffieHellman({ privateKey, publicKey: publicKeyOf(raw) }),
  };
}

function publicKeyOf(raw: Buffer): KeyObject {
  const key = { kty: 'OKP', crv: 'X25519', x: raw.toString('base64url') };
  return createPublicKey({ key, format: 'jwk' });
}
