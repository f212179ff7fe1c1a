import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { PendingHandshakes } from './pending-handshakes.js';

describe(PendingHandshakes.name, () => {
  let sut: PendingHandshakes;
  let port: number;
  beforeEach(() => {
    sut = new PendingHandshakes();
    port = 0;
  });

  const aSocket = (remoteAddress: string) => {
    port += 1;
    return { remoteAddress, remotePort: port } as Socket;
  };
  const nothing = () => undefined;
  const begin = (address: string, count: number) =>
    Array.from({ length: count }, () => {
      const socket = aSocket(address);
      return { socket, dropped: sut.add(socket, nothing) };
    });

  it('gives what to do with a connection once', () => {
    const socket = aSocket('10.0.0.1');
    sut.add(socket, nothing);
    expect([sut.end(socket), sut.end(socket)]).toEqual([nothing, undefined]);
  });

  it('drops the oldest of whoever has most, and nobody while there is room', () => {
    const [few] = begin('10.0.0.1', 1);
    const many = begin('10.0.0.2', 63);
    expect(many.some(({ dropped }) => dropped !== undefined)).toBe(false);
    const [newcomer, second] = [...begin('10.0.0.3', 1), ...begin('10.0.0.4', 1)];
    expect([newcomer?.dropped, second?.dropped]).toEqual([many[0]?.socket, many[1]?.socket]);
    expect(begin('10.0.0.2', 1)[0]?.dropped).toBe(many[2]?.socket);
    expect(few && sut.end(few.socket)).toBe(nothing);
  });

  it('takes an IPv6 network of 64 bits for one', () => {
    const one = begin('2001:db8::1', 2);
    for (let host = 0; host < 62; host += 1) begin(`10.0.${host}.1`, 1);
    expect(begin('2001:db8::2', 1)[0]?.dropped).toBe(one[0]?.socket);
  });

  it('makes room when one ends', () => {
    const many = begin('10.0.0.2', 64);
    for (const { socket } of many.slice(0, 2)) sut.end(socket);
    expect(begin('10.0.0.1', 2).map(({ dropped }) => dropped)).toEqual([undefined, undefined]);
  });
});
