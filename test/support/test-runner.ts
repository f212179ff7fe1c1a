// biome-ignore lint/suspicious/noExplicitAny: whatever a runner takes.
type RunnerFunction = (...given: any[]) => unknown;

/** What the suites use of a test runner, as jest has it. */
export interface TestRunner {
  readonly describe: RunnerFunction;
  readonly it: RunnerFunction;
  readonly expect: RunnerFunction;
  readonly beforeEach: RunnerFunction;
  readonly afterEach: RunnerFunction;
}

let runner: Partial<TestRunner> = globalThis as Partial<TestRunner>;

/** Gives the suites another runner than the globals; to be called before them. */
export function useTestRunner(given: TestRunner): void {
  runner = given;
}

function lazily(name: keyof TestRunner): RunnerFunction {
  const found = () => {
    const own = runner[name];
    if (own === undefined) throw new Error(`no ${name}: run this in a test runner, or call useTestRunner`);
    return own;
  };
  return new Proxy<RunnerFunction>(() => undefined, {
    apply: (_target, _self, given) => Reflect.apply(found(), undefined, given),
    get: (_target, key) => Reflect.get(found(), key),
  });
}

// In the place of `@jest/globals` in the bundle.
export const describe: RunnerFunction = lazily('describe');
export const it: RunnerFunction = lazily('it');
export const expect: RunnerFunction = lazily('expect');
export const beforeEach: RunnerFunction = lazily('beforeEach');
export const afterEach: RunnerFunction = lazily('afterEach');
