import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cut, message } from '../../../../test/support/http2-bytes.js';
import { frameMessage, MessageFramingError, MessageReader } from './grpc-message.js';

function readAll(reader: MessageReader): Buffer[] {
  const messages: Buffer[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) messages.push(Buffer.from(next));
  return messages;
}

describe('MessageReader', () => {
  it('finds the messages of any stream, however it is cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }),
        sizes,
        fc.boolean(),
        (payloads, steps, atOnce) => {
          const reader = new MessageReader(300);
          const messages: Buffer[] = [];
          for (const piece of cut(Buffer.concat(payloads.map((payload) => message(payload))), steps)) {
            reader.push(piece);
            if (!atOnce) messages.push(...readAll(reader));
          }
          messages.push(...readAll(reader));
          expect(messages).toEqual(payloads.map((payload) => Buffer.from(payload)));
          expect(reader.isMidMessage).toBe(false);
          expect(reader.bufferedBytes).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives views of a chunk, not copies', () => {
    const chunk = Buffer.concat([frameMessage(Buffer.from('one')), frameMessage(Buffer.from('two'))]);
    const reader = new MessageReader(10);
    reader.push(chunk);
    expect(reader.next()?.buffer).toBe(chunk.buffer);
    expect(Buffer.from(reader.next() ?? [])).toEqual(Buffer.from('two'));
  });

  it.each([
    {
      name: 'longer than allowed',
      bytes: message(Buffer.alloc(11)).subarray(0, 5),
      fault: { kind: 'too-large', bytes: 11, maxBytes: 10 },
    },
    {
      name: 'the largest claim',
      bytes: Buffer.from('00ffffffff', 'hex'),
      fault: { kind: 'too-large', bytes: 4_294_967_295, maxBytes: 10 },
    },
    { name: 'compressed', bytes: message(Buffer.alloc(3), 1), fault: { kind: 'compressed' } },
    { name: 'a flag unknown', bytes: message(Buffer.alloc(3), 2), fault: { kind: 'bad-flag', flag: 2 } },
  ])('refuses: $name, whole or byte by byte', ({ bytes, fault }) => {
    for (const steps of [[bytes.length], [1]]) {
      const reader = new MessageReader(10);
      for (const piece of cut(bytes, steps)) reader.push(piece);
      let error: unknown;
      try {
        reader.next();
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(MessageFramingError);
      expect((error as MessageFramingError).fault).toEqual(fault);
    }
  });

  it('knows of a message that is not complete', () => {
    const reader = new MessageReader(10);
    reader.push(message(Buffer.alloc(4)).subarray(0, 3));
    expect(reader.next()).toBeUndefined();
    expect(reader.isMidMessage).toBe(true);
  });

  it('counts tiny chunks by what they cost', () => {
    const reader = new MessageReader(10);
    for (let i = 0; i < 100; i += 1) reader.push(Buffer.alloc(1));
    expect(reader.bufferedBytes).toBeGreaterThan(20_000);
  });

  it('puts a large message together from small chunks', () => {
    const payload = Buffer.alloc(4_000_000, 1);
    const reader = new MessageReader(5_000_000);
    const messages: Buffer[] = [];
    for (const piece of cut(message(payload), [1_000])) {
      reader.push(piece);
      messages.push(...readAll(reader));
    }
    expect(messages).toHaveLength(1);
    expect(messages[0]?.equals(payload)).toBe(true);
  });
});
