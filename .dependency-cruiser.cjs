/** The import rules of docs/architecture.md. test/tooling/lint-canary.spec.ts plants a violation of each and expects it to fire. */
const vendor = (name, pattern, home) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: [home, '\\.spec\\.ts$'] },
  to: { path: `(^|/)node_modules/(${pattern})(/|$)` },
});

const module_ = (name) => `^src/modules/${name}/`;

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      // Programs that run on the built node name it before it is built, and the test page its bundle.
      to: { couldNotResolve: true, pathNot: '(^|/)(dist|verifier)/' },
    },
    {
      name: 'common-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/common/' },
      to: { path: '^src/', pathNot: '^src/common/' },
    },
    {
      name: 'through-index',
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/[^/]+/(?!index\\.ts$)', pathNot: '^src/modules/$1/' },
    },
    {
      name: 'through-index-from-outside',
      severity: 'error',
      from: { path: '^src/(?!modules/|verifier/)' },
      to: { path: '^src/modules/[^/]+/(?!(index|[a-z]+\\.config)\\.ts$)' },
    },
    {
      name: 'verifier-is-portable',
      severity: 'error',
      from: { path: '^src/verifier/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^src/|(^|/)node_modules/',
        pathNot:
          '^src/(verifier|common)/|^src/modules/blockchain/portable\\.ts$|(^|/)node_modules/(@noble|zod)/',
      },
    },
    {
      name: 'client-has-no-server-code',
      severity: 'error',
      from: { path: '^src/client/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^src/|(^|/)node_modules/',
        pathNot: '^src/(client|common|gen)/|(^|/)node_modules/(@connectrpc|@bufbuild)/',
      },
    },
    {
      name: 'network-and-blockchain-never-meet',
      severity: 'error',
      from: { path: '^src/modules/(network|blockchain)/' },
      to: { path: '^src/modules/', pathNot: '^src/modules/$1/' },
    },
    {
      name: 'sync-joins-network-and-blockchain',
      severity: 'error',
      from: { path: module_('sync') },
      to: { path: '^src/modules/', pathNot: '^src/modules/(sync|network|blockchain)/' },
    },
    {
      name: 'txpool-joins-network-and-blockchain',
      severity: 'error',
      from: { path: module_('txpool') },
      to: { path: '^src/modules/', pathNot: '^src/modules/(txpool|network|blockchain)/' },
    },
    {
      name: 'modules-do-not-know-the-application',
      severity: 'error',
      from: { path: '^src/modules/' },
      to: { path: '^src/(cli|client|config|embed|node|transport|app\\.module|index|main)' },
    },
    {
      name: 'ports-are-plain',
      severity: 'error',
      from: { path: '^src/modules/[^/]+/ports/' },
      to: {
        path: '^src/|(^|/)node_modules/',
        pathNot:
          '^src/(common|modules/[^/]+/(ports|[a-z]+\\.(errors|events)\\.ts))|(^|/)node_modules/(rxjs|@types)/',
      },
    },
    vendor(
      'libp2p-stays-in-its-adapter',
      'libp2p|@libp2p|@multiformats',
      '^src/modules/network/adapters/libp2p/',
    ),
    vendor('lmdb-stays-in-its-adapter', 'lmdb', '^src/modules/(blockchain|network)/adapters/lmdb/'),
    vendor('classic-level-stays-in-its-adapter', 'classic-level', '^src/modules/blockchain/adapters/level/'),
    vendor('crypto-stays-in-crypto', '@chainsafe/blst|mcl-wasm|hash-wasm', '^src/modules/blockchain/crypto/'),
    vendor(
      'secp256k1-stays-in-crypto-and-the-libp2p-adapter',
      'secp256k1|@types/secp256k1',
      '^src/modules/(blockchain/crypto|network/adapters/libp2p)/',
    ),
    vendor('ws-stays-at-the-edges', 'ws|@types/ws', '^src/modules/(jsonrpc|network/adapters/libp2p)/'),
    vendor(
      'test-oracles-stay-in-tests',
      '@noble',
      '^src/(verifier/crypto/|modules/blockchain/crypto/keccak\\.ts$)',
    ),
    vendor(
      'test-tools-stay-in-tests',
      '@ethereumjs|fast-check|@jest|playwright-core|esbuild|ethers|viem',
      '^$',
    ),
    {
      name: 'no-test-code-in-src',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/|\\.spec\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/gen/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
