import { describe, expect, it } from '@jest/globals';
import { effectiveSettings } from './effective-settings.js';
import { loadSettings } from './load.js';
import { defaultSettings } from './schema.js';
import { Secret } from './secret.js';

describe(effectiveSettings.name, () => {
  it('shows each setting with who set it', () => {
    const { settings, origins } = loadSettings({
      flags: { 'data-dir': '/data', 'max-inbound-peers': '7' },
      env: { EDGEKEEPER_NETWORK_DIAL_TIMEOUT_MS: '1234' },
      needsChainFile: false,
    });
    const shown = effectiveSettings(settings, origins);
    expect(shown).toEqual(
      expect.arrayContaining([
        { path: 'node.dataDir', value: '"/data"', origin: 'flag' },
        { path: 'network.maxInboundPeers', value: '7', origin: 'flag' },
        { path: 'network.dialTimeoutMs', value: '1234', origin: 'env' },
        { path: 'network.dnsAddress', value: '', origin: 'default' },
        { path: 'sync.parallelPeers', value: expect.stringMatching(/^\d+$/), origin: 'default' },
      ]),
    );
    expect(shown).toHaveLength(Object.keys(origins).length);
  });

  it('hides what is a secret', () => {
    const node = { dataDir: new Secret(new Uint8Array([1, 2])), chainPath: 'https://me:hunter2@host/path' };
    const shown = effectiveSettings({ ...defaultSettings, node } as never);
    expect(shown.slice(0, 2)).toEqual([
      { path: 'node.chainPath', value: '"https://me:***@host/path"', origin: 'default' },
      { path: 'node.dataDir', value: '***', origin: 'default' },
    ]);
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });
});
