import { SETTINGS } from '../../config/settings-table.js';
import type { CommandSpec } from '../command-table.js';
import { settingFlag, valueFlag } from '../flags.js';

export const DOCTOR_COMMAND: CommandSpec = {
  name: 'doctor',
  help: 'find out why peers cannot be reached (with their addresses), or what keeps a node from running here',
  words: '[address...]',
  options: [
    valueFlag('config', 'the path to a config file: .json, .hcl, .yaml or .yml'),
    ...SETTINGS.filter(({ flag, noEffect }) => flag !== 'json' && noEffect === undefined).map(settingFlag),
    valueFlag(
      'bundle',
      'write what a bug report needs to a new file: .tar.gz or .json; no secrets are in it',
    ),
  ],
  load: async () => (await import('./doctor.js')).doctor,
};
