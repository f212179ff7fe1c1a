import { type ChildProcess, fork } from 'node:child_process';

/** Longest that a process may take to end, ms. */
const STOP_TIMEOUT_MS = 5_000;

/** A process that answers questions, one answer each. */
export class Child {
  readonly exited: Promise<void>;
  isAlive = true;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #lastId = 0;
  #ready: (value: string) => void = () => {};

  /** Starts a program; resolves with what it says when it is ready. */
  static async start(path: string, argument: unknown): Promise<{ child: Child; ready: string }> {
    const child = new Child(path, argument);
    const ready = await new Promise<string>((resolve, reject) => {
      child.#ready = resolve;
      void child.exited.then(() => reject(new Error(`${path} ended before it was ready`)));
    });
    return { child, ready };
  }

  private constructor(path: string, argument: unknown) {
    this.#process = fork(path, [JSON.stringify(argument)], {
      execArgv: ['--expose-gc', '--stack-trace-limit=50'],
    });
    this.exited = new Promise((resolve) => this.#process.once('exit', () => resolve()));
    void this.exited.then(() => {
      this.isAlive = false;
      for (const settle of this.#waiting.values()) settle(undefined);
    });
    this.#process.on('message', (message: { id?: number; answer?: unknown; ready?: string }) => {
      if (message.ready !== undefined) this.#ready(message.ready);
      if (message.id === undefined) return;
      this.#waiting.get(message.id)?.(message.answer);
      this.#waiting.delete(message.id);
    });
  }

  /** @throws {Error} when the process is gone or silent for two minutes */
  async ask<Answer>(ask: string, value?: unknown): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = await new Promise<unknown>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), 120_000);
      this.#waiting.set(id, (given) => {
        clearTimeout(timer);
        resolve(given);
      });
      if (this.isAlive) this.#process.send({ id, ask, value });
      else this.#waiting.get(id)?.(undefined);
    });
    if (answer === undefined)
      throw new Error(`no answer to ${ask}: the process ${this.isAlive ? 'hangs' : 'is dead'}`);
    return answer as Answer;
  }

  async stop(): Promise<void> {
    if (this.isAlive) this.#process.disconnect();
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(kill);
  }
}
