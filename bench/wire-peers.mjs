import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { goPeerBinary } from '../test/interop/build-go-peer.mjs';

/** A peer process that speaks JSON lines: `ready` first, then a reply for each command. */
function spawnPeer(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  const events = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line);
    const index = waiting.findIndex(({ fits }) => fits(message));
    if (index < 0) return events.push(message);
    waiting.splice(index, 1)[0].resolve(message);
  });
  const next = (fits) => {
    const past = events.findIndex(fits);
    if (past >= 0) return Promise.resolve(events.splice(past, 1)[0]);
    return new Promise((done) => waiting.push({ fits, resolve: done }));
  };
  return {
    event: (name) => next((message) => message.event === name),
    send: (message) => {
      const reply = next(({ id }) => id === message.id);
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return reply;
    },
    stop: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'close');
    },
  };
}

/** A Go peer; `args` beside those of the load, if there is one. */
export async function startGo({ role, size, count, address, args = [] }) {
  const load = role === 'server' ? ['--bench-blocks', `${count}`, '--bench-size', `${size}`] : args;
  const peer = spawnPeer(goPeerBinary, load);
  const ready = await peer.event('ready');
  let id = 0;
  let server;
  if (address) {
    const dialed = await peer.send({ id: ++id, cmd: 'dial', addr: address });
    if (!dialed.ok) throw new Error(dialed.error);
    server = (await peer.event('peerConnected')).peer;
  }
  return {
    address: ready.addr,
    stop: peer.stop,
    fetch: async () => {
      const reply = await peer.send({ id: ++id, cmd: 'getBlocks', peer: server, from: 0, noHash: true });
      if (!reply.ok || reply.count !== count) throw new Error(`got ${reply.count} blocks: ${reply.error}`);
      return reply.elapsedMs;
    },
  };
}

export async function startOurs({ role, size, count, address }) {
  const args = [resolve(import.meta.dirname, 'wire-node.mjs'), role, `${size}`, `${count}`];
  const peer = spawnPeer(process.execPath, address ? [...args, address] : args);
  const ready = await peer.event('ready');
  let id = 0;
  return {
    address: ready.addr,
    stop: peer.stop,
    fetch: async () => {
      const reply = await peer.send({ id: ++id, cmd: 'getBlocks' });
      if (reply.count !== count) throw new Error(`got ${reply.count} blocks`);
      return reply.elapsedMs;
    },
  };
}
